// SPDX-License-Identifier: Apache-2.0

/// Makes up what actors do; the same for the same seed.
package struct RandomOperations: Sendable {
  /// What an actor may do.
  package enum Scope: Sendable {
    /// What comes to its end in a process that may be killed, and touches histories of its own only.
    case unattended
    /// The same, and a catalog made anew: for who has the store for itself.
    case alone
    /// Everything, a mount included, by several actors on the same histories.
    case whole
  }

  private let prefix: String
  private let scope: Scope
  private var generator: SeededGenerator
  private var model = Model()
  private var lastNumber: Int64 = 0
  private var lastName = 0
  /// What was chosen last: most files of a checkpoint are those of an earlier one.
  private var lastFiles: [[SyntheticFile]] = []

  /// - Parameter prefix: begins the names of all histories.
  package init(prefix: String, seed: UInt64, _ scope: Scope = .unattended) {
    self.prefix = prefix
    self.scope = scope
    generator = SeededGenerator(seed: seed)
  }

  /// The next operations of an actor that finds the store as `found`.
  package mutating func next(_ count: Int, from found: Model) -> [Operation] {
    model = found
    model.histories = found.histories.filter { $0.key.hasPrefix(prefix) }
    model.pending = found.pending.filter { $0.key.hasPrefix(prefix) }
    return (0..<count).map { _ in
      let operation = choose()
      model.apply(operation)
      return operation
    }
  }

  /// What somebody does next where the store is as `model`.
  package mutating func turn(from model: Model, actors: Int) -> Turn {
    self.model = model
    var turn = Turn(actor: pick(actors), operation: choose())
    if turn.operation.canBeKilled, pick(100) == 0 { turn.killedAt = 1 + pick(60) }
    return turn
  }

  private mutating func pick(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

  // MARK: Choosing

  private typealias Choice = (weight: Int, make: @Sendable (inout RandomOperations) -> Operation?)

  private static let unattended: [Choice] = [
    (18, { $0.drop() }), (10, { $0.tag() }), (6, { $0.untag() }), (5, { $0.rename() }),
    (13, { _ in .collect }), (6, { $0.restore() }), (6, { $0.abort() }), (12, { $0.shards() }),
    (6, { $0.importFiles() }), (3, { $0.prune() }), (2, { _ in .repair }), (19, { $0.commit() }),
  ]

  private static let rebuilding: [Choice] = [(4, { $0.rebuild() })]

  /// Half of it reads, which cost little; a debug build takes ten milliseconds for a commit.
  private static let whole: [Choice] = [
    (60, { $0.commit() }), (35, { $0.start() }), (33, { $0.finish() }), (6, { _ in .cancel }),
    (50, { $0.shards() }), (50, { $0.tag() }), (30, { $0.untag() }), (12, { $0.rename() }),
    (65, { $0.drop() }), (8, { $0.prune() }), (8, { $0.withdraw() }), (35, { _ in .collect }),
    (6, { $0.abort() }), (5, { $0.restore() }), (2, { _ in .check }), (8, { _ in .look }),
    (40, { $0.lookAt() }), (130, { $0.list() }), (260, { $0.read() }), (50, { $0.open() }),
    (70, { _ in .readOpened }), (25, { _ in .close }), (5, { $0.damage() }), (1, { _ in .remount }),
    (2, { _ in .rebuild }), (8, { $0.importFiles() }), (4, { $0.commitDirectory() }),
    (4, { $0.importFlink() }), (3, { _ in .repair }),
  ]

  private mutating func choose() -> Operation {
    let choices =
      switch scope {
      case .unattended: Self.unattended
      case .alone: Self.unattended + Self.rebuilding
      case .whole: Self.whole
      }
    var place = pick(choices.reduce(0) { $0 + $1.weight })
    for choice in choices {
      if place < choice.weight { return choice.make(&self) ?? commit() }
      place -= choice.weight
    }
    preconditionFailure("the place lies below the sum of the weights")
  }

  // MARK: Taking checkpoints

  private mutating func commit() -> Operation {
    let history = anyHistory()
    // A store that grows makes every look at it slower.
    if scope == .whole, let checkpoints = model.histories[history], checkpoints.count > 5 {
      return .prune(history: history, last: 1 + pick(2))
    }
    let number = number(in: history)
    var tag = pick(8) == 0 ? "t\(scope == .whole ? Int64(pick(4)) : lastNumber)" : nil
    if scope == .whole, let number, pick(6) == 0 { tag = "unconfirmed-\(number)" }
    return .commit(history: history, number: number, files: files(), tag: tag)
  }

  private mutating func importFiles() -> Operation {
    let history = anyHistory()
    let number = number(in: history) ?? model.nextNumber(of: history)
    return .importFiles(history: history, number: number, files: files())
  }

  /// Two of three with something strange in it.
  private mutating func commitDirectory() -> Operation {
    let history = anyHistory()
    let number = number(in: history) ?? model.nextNumber(of: history)
    let tricks = DirectoryTrick.possible
    let trick = pick(3) == 0 ? nil : tricks[pick(tricks.count)]
    return .commitDirectory(history: history, number: number, files: files(), trick: trick)
  }

  private mutating func importFlink() -> Operation {
    let history = anyHistory()
    let number = number(in: history) ?? model.nextNumber(of: history)
    let tricks = FlinkTrick.possible
    let trick = pick(3) == 0 ? nil : tricks[pick(tricks.count)]
    return .importFlink(history: history, number: number, files: files(), trick: trick)
  }

  private mutating func start() -> Operation {
    let history = anyHistory()
    return .start(history: history, number: number(in: history), files: files())
  }

  private mutating func finish() -> Operation {
    .finish(tag: pick(10) == 0 ? "t\(pick(4))" : nil)
  }

  private mutating func abort() -> Operation {
    .abort(history: "\(prefix)-aborted", files: files())
  }

  private mutating func anyHistory() -> String {
    let known = model.histories.keys.sorted()
    return known.count < 2 || pick(12) == 0 && known.count < 4
      ? newName() : known[pick(known.count)]
  }

  /// One that nobody had; now and then one that somebody has or had, or any.
  private mutating func number(in history: String) -> Int64? {
    guard scope == .whole else {
      lastNumber += 1
      return lastNumber
    }
    let next = model.nextNumber(of: history)
    return switch pick(20) {
    case 0..<10: nil
    case 10..<18: next + Int64(pick(3))
    case 18: max(1, next - Int64(pick(4)))
    default: Int64(1 + pick(30))
    }
  }

  /// The next step of a checkpoint of shards, or its end.
  private mutating func shards() -> Operation {
    let pending = model.pending.sorted { $0.key < $1.key }.flatMap { history, numbers in
      numbers.sorted { $0.key < $1.key }.map {
        (history: history, number: $0.key, shards: $0.value)
      }
    }
    guard let chosen = pending.first, scope != .whole || pick(6) > 0 else { return begin() }
    let missing = chosen.shards.filter { $0.value == nil }.keys.sorted()
    if pick(8) == 0 || missing.isEmpty {
      return .abortShards(history: chosen.history, number: chosen.number)
    }
    let isRight = scope != .whole || pick(10) > 0
    return .commitShard(
      history: chosen.history, number: chosen.number,
      shard: isRight ? missing[pick(missing.count)] : "s", files: files())
  }

  private mutating func begin() -> Operation {
    let known = model.histories.keys.sorted()
    let history = known.isEmpty ? newName() : known[pick(known.count)]
    let number = number(in: history) ?? model.nextNumber(of: history)
    let isLate = scope == .whole && pick(6) == 0
    return .begin(
      history: history, number: number, shards: Array(["s", "s-1", "t"].prefix(1 + pick(3))),
      seconds: isLate ? 0 : 3600)
  }

  private mutating func newName() -> String {
    lastName += 1
    return "\(prefix)-\(lastName)"
  }

  /// Few names and few contents, so that names come again with other bytes and contents under other names.
  private mutating func files() -> [SyntheticFile] {
    var files: [String: SyntheticFile] = [:]
    if scope == .whole, pick(3) == 0, !lastFiles.isEmpty {
      return lastFiles[pick(lastFiles.count)]
    }
    for _ in 0..<(scope == .whole ? 1 + pick(4) : 2 + pick(7)) {
      let isShared = pick(4) > 0
      let path = isShared ? "00000\(pick(9)).sst" : "sub/OPTIONS-\(pick(3))"
      files[path] = SyntheticFile(path, pick(30), isShared: isShared)
    }
    let sorted = files.values.sorted { $0.path < $1.path }
    lastFiles = Array((lastFiles + [sorted]).suffix(4))
    return sorted
  }

  // MARK: Changing and reading them

  private mutating func checkpoint(
    where isFit: (_ history: String, _ number: Int64) -> Bool = { _, _ in true }
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
    let isWild = scope == .whole && pick(10) == 0
    let force = scope != .whole || pick(3) == 0
    return checkpoint { history, number in
      isWild || number != model.histories[history]?.keys.max()
    }.map { .drop(history: $0.history, numbers: [$0.number], force: force) }
  }

  private mutating func prune() -> Operation? {
    let last = 1 + pick(3)
    return checkpoint().map { .prune(history: $0.history, last: last) }
  }

  private mutating func withdraw() -> Operation? {
    let model = model
    return checkpoint { history, number in
      model.histories[history]?[number]?.tags.contains("unconfirmed-\(number)") == true
    }.map { .withdraw(history: $0.history, number: $0.number) }
  }

  private mutating func tag() -> Operation? {
    lastName += 1
    let name = scope == .whole ? "t\(pick(4))" : "tag\(lastName)"
    return checkpoint().map { .tag(history: $0.history, number: $0.number, name: name) }
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
    let known = model.histories.keys.sorted()
    let name =
      scope == .whole && pick(4) == 0 && !known.isEmpty ? known[pick(known.count)] : newName()
    return checkpoint().map { .rename(history: $0.history, name: name) }
  }

  /// Without a checkpoint none of the files that somebody killed has left would be taken for needless.
  private mutating func rebuild() -> Operation? { checkpoint() == nil ? nil : .rebuild }

  private mutating func restore() -> Operation? {
    lastName += 1
    let name = "\(prefix)\(lastName)"
    let isLinking = pick(2) == 0
    return checkpoint().map {
      .restore(history: $0.history, number: $0.number, destination: name, linking: isLinking)
    }
  }

  // MARK: Looking through a mount

  /// Now and then at one that is not there.
  private mutating func lookAt() -> Operation? {
    let offset = Int64(pick(8) == 0 ? 1 + pick(2) : 0)
    return checkpoint().map { .lookAt(history: $0.history, number: $0.number + offset) }
  }

  private mutating func list() -> Operation? {
    checkpoint().map { .list(history: $0.history) }
  }

  /// Now and then one that another checkpoint has.
  private mutating func read() -> Operation? {
    let offset = Int64(pick(8) == 0 ? 1 + pick(2) : 0)
    return file().map {
      .read(history: $0.history, number: $0.number + offset, path: $0.path)
    }
  }

  private mutating func file() -> (history: String, number: Int64, path: String)? {
    guard let found = checkpoint() else { return nil }
    let paths = (model.histories[found.history]?[found.number]?.entries ?? [:])
      .filter { $0.value != nil }.keys.sorted()
    return paths.isEmpty ? nil : (found.history, found.number, paths[pick(paths.count)])
  }

  private mutating func open() -> Operation? {
    file().map { .open(history: $0.history, number: $0.number, path: $0.path) }
  }

  private mutating func damage() -> Operation? {
    let damage = BlobDamage.allCases[pick(BlobDamage.allCases.count)]
    return file().map { .damage(history: $0.history, number: $0.number, path: $0.path, damage) }
  }
}

extension Operation {
  /// Whether a process of its own can do it, and die of it.
  fileprivate var canBeKilled: Bool {
    switch self {
    case .commit, .importFiles, .commitDirectory, .importFlink, .abort, .begin, .commitShard,
      .abortShards, .tag, .untag, .rename,
      .drop, .prune, .collect, .check, .rebuild, .repair, .restore:
      true
    case .create, .start, .finish, .cancel, .withdraw, .forsake, .readAll: false
    case .look, .lookAt, .list, .read, .open, .readOpened, .close, .damage, .remount: false
    }
  }
}
