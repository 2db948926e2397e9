// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What a store must show: histories by name, their checkpoints by number.
package struct Model: Hashable, Sendable {
  package struct Checkpoint: Hashable, Sendable {
    /// The digest of each file and whether it is shared; `nil` for a directory.
    package var entries: [String: Held?] = [:]
    package var tags: Set<String> = []

    package init() {}
  }

  package struct Held: Hashable, Sendable {
    package let digest: Digest
    package let isShared: Bool

    package init(digest: Digest, isShared: Bool) {
      self.digest = digest
      self.isShared = isShared
    }
  }

  package var histories: [String: [Int64: Checkpoint]] = [:]
  /// What waits for shards: of each shard its entries, or `nil` while it is missing.
  package var pending: [String: [Int64: [String: [String: Held?]?]]] = [:]

  package init() {}

  package init(after operations: [Operation]) {
    for operation in operations { apply(operation, number: nil) }
  }

  /// - Parameter number: which a commit got that asked for none.
  package mutating func apply(_ operation: Operation, number: Int64?) {
    switch operation {
    case .commit(let history, let asked, let files, let tag):
      guard let number = asked ?? number else { preconditionFailure("a commit has a number") }
      var checkpoint = Checkpoint()
      checkpoint.entries = Self.entries(files)
      if let tag { checkpoint.tags = [tag] }
      histories[history, default: [:]][number] = checkpoint
    case .begin(let history, let number, let shards, _):
      if pending[history]?[number] != nil { return }
      for shard in shards {
        pending[history, default: [:]][number, default: [:]][shard] = .some(nil)
      }
    case .commitShard(let history, let number, let shard, let files):
      pending[history]?[number]?[shard] = Self.entries(files, in: shard)
      completeIfWhole(history, number)
    case .abortShards(let history, let number): endPending(history, number)
    case .tag(let history, let number, let name):
      histories[history]?[number]?.tags.insert(name)
    case .untag(let history, let name):
      for number in histories[history]?.keys.sorted() ?? [] {
        histories[history]?[number]?.tags.remove(name)
      }
    case .rename(let history, let name):
      histories[name] = histories.removeValue(forKey: history)
      pending[name] = pending.removeValue(forKey: history)
    case .drop(let history, let numbers, _):
      for number in numbers { histories[history]?[number] = nil }
    case .withdraw(let history, let number):
      histories[history]?[number] = nil
      if histories[history]?.isEmpty == true { histories[history] = nil }
    case .rebuild: pending = [:]
    case .create, .abort, .collect, .forsake, .restore, .repair, .readAll: break
    }
  }

  private static func entries(
    _ files: [SyntheticFile], in shard: String? = nil
  ) -> [String: Held?] {
    let prefix = shard.map { "\($0)/" } ?? ""
    var entries: [String: Held?] = [:]
    if let shard { entries[shard] = .some(nil) }
    for file in files {
      for directory in file.directories { entries[prefix + directory] = .some(nil) }
      entries[prefix + file.path] = Held(digest: file.digest, isShared: file.isShared)
    }
    return entries
  }

  private mutating func completeIfWhole(_ history: String, _ number: Int64) {
    guard let shards = pending[history]?[number], !shards.values.contains(nil) else { return }
    var checkpoint = Checkpoint()
    for entries in shards.values.compactMap(\.self) {
      checkpoint.entries.merge(entries) { first, _ in first }
    }
    histories[history, default: [:]][number] = checkpoint
    endPending(history, number)
  }

  private mutating func endPending(_ history: String, _ number: Int64) {
    pending[history]?[number] = nil
    if pending[history]?.isEmpty == true { pending[history] = nil }
  }

  package func applying(_ operation: Operation, number: Int64? = nil) -> Model {
    var model = self
    model.apply(operation, number: number)
    return model
  }

  /// What another model has that this one has not, and the other way round, for a message.
  package func difference(from other: Model) -> String {
    var lines: [String] = []
    for history in Set(histories.keys).union(other.histories.keys).sorted() {
      let (mine, theirs) = (histories[history] ?? [:], other.histories[history] ?? [:])
      for number in Set(mine.keys).union(theirs.keys).sorted()
      where mine[number] != theirs[number] {
        let (left, right) = (Self.summary(mine[number]), Self.summary(theirs[number]))
        lines.append("\(history)/chk-\(number): \(left) instead of \(right)")
      }
    }
    if pending != other.pending {
      lines.append("pending \(pending) instead of \(other.pending)")
    }
    return lines.joined(separator: "; ")
  }

  private static func summary(_ checkpoint: Checkpoint?) -> String {
    guard let checkpoint else { return "absent" }
    return "\(checkpoint.entries.count) entries, tags \(checkpoint.tags.sorted())"
  }
}
