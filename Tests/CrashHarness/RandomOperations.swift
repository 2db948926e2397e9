// SPDX-License-Identifier: Apache-2.0

/// Makes up what an actor does; the same for the same seed.
package struct RandomOperations: Sendable {
  private let prefix: String
  private var generator: SeededGenerator
  private var model: Model
  private var lastNumber: Int64 = 0
  private var lastName = 0

  /// - Parameter prefix: begins the names of the actor's histories, which no other touches.
  package init(prefix: String, seed: UInt64) {
    self.prefix = prefix
    generator = SeededGenerator(seed: seed)
    model = Model()
  }

  /// The next operations of an actor that finds the store as `found`.
  package mutating func next(_ count: Int, from found: Model) -> [Operation] {
    model = found
    model.histories = found.histories.filter { $0.key.hasPrefix(prefix) }
    model.pending = found.pending.filter { $0.key.hasPrefix(prefix) }
    return (0..<count).map { _ in
      let operation = choose()
      model.apply(operation, number: nil)
      return operation
    }
  }

  private mutating func pick(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

  private mutating func choose() -> Operation {
    switch pick(100) {
    case 0..<18: drop() ?? commit()
    case 18..<28: tag() ?? commit()
    case 28..<34: untag() ?? commit()
    case 34..<39: rename() ?? commit()
    case 39..<52: .collect
    case 52..<58: restore() ?? commit()
    case 58..<64: .abort(history: "\(prefix)-aborted", files: files())
    case 64..<76: shards()
    default: commit()
    }
  }

  private mutating func commit() -> Operation {
    lastNumber += 1
    let known = model.histories.keys.sorted()
    let history = known.count < 2 || pick(12) == 0 ? newName() : known[pick(known.count)]
    return .commit(
      history: history, number: lastNumber, files: files(),
      tag: pick(8) == 0 ? "t\(lastNumber)" : nil)
  }

  /// The next step of a checkpoint of shards, or its end.
  private mutating func shards() -> Operation {
    let pending = model.pending.sorted { $0.key < $1.key }.flatMap { history, numbers in
      numbers.sorted { $0.key < $1.key }.map {
        (history: history, number: $0.key, shards: $0.value)
      }
    }
    guard let chosen = pending.first else {
      lastNumber += 1
      let known = model.histories.keys.sorted()
      return .begin(
        history: known.isEmpty ? newName() : known[pick(known.count)], number: lastNumber,
        shards: Array(["s", "s-1", "t"].prefix(1 + pick(3))))
    }
    let missing = chosen.shards.filter { $0.value == nil }.keys.sorted()
    if pick(8) == 0 || missing.isEmpty {
      return .abortShards(history: chosen.history, number: chosen.number)
    }
    return .commitShard(
      history: chosen.history, number: chosen.number, shard: missing[pick(missing.count)],
      files: files())
  }

  private mutating func newName() -> String {
    lastName += 1
    return "\(prefix)-\(lastName)"
  }

  /// Few names and few contents, so that names come again with other bytes and contents under other names.
  private mutating func files() -> [SyntheticFile] {
    var files: [String: SyntheticFile] = [:]
    for _ in 0..<(2 + pick(7)) {
      let isShared = pick(4) > 0
      let path = isShared ? "00000\(pick(9)).sst" : "sub/OPTIONS-\(pick(3))"
      files[path] = SyntheticFile(path, pick(30), isShared: isShared)
    }
    return files.values.sorted { $0.path < $1.path }
  }

  private mutating func checkpoint(
    where isFit: (_ history: String, _ number: Int64) -> Bool
  ) -> (history: String, number: Int64)? {
    let fit = model.histories.sorted { $0.key < $1.key }.flatMap { history, checkpoints in
      checkpoints.keys.sorted().filter { isFit(history, $0) }.map {
        (history: history, number: $0)
      }
    }
    return fit.isEmpty ? nil : fit[pick(fit.count)]
  }

  private mutating func drop() -> Operation? {
    let model = model
    return checkpoint { history, number in number != model.histories[history]?.keys.max() }.map {
      .drop(history: $0.history, numbers: [$0.number], force: true)
    }
  }

  private mutating func tag() -> Operation? {
    lastName += 1
    let name = "tag\(lastName)"
    return checkpoint { _, _ in true }.map {
      .tag(history: $0.history, number: $0.number, name: name)
    }
  }

  private mutating func untag() -> Operation? {
    let model = model
    let found = checkpoint { model.histories[$0]?[$1]?.tags.isEmpty == false }
    guard let found, let name = model.histories[found.history]?[found.number]?.tags.min() else {
      return nil
    }
    return .untag(history: found.history, name: name)
  }

  private mutating func rename() -> Operation? {
    let name = newName()
    return checkpoint { _, _ in true }.map { .rename(history: $0.history, name: name) }
  }

  private mutating func restore() -> Operation? {
    lastName += 1
    let name = "\(prefix)\(lastName)"
    let isLinking = pick(2) == 0
    return checkpoint { _, _ in true }.map {
      .restore(history: $0.history, number: $0.number, destination: name, linking: isLinking)
    }
  }
}
