// SPDX-License-Identifier: Apache-2.0

/// What every checkpoint that actors may complete must hold, whatever its history is called by then.
struct ExpectedCheckpoints: Sendable {
  private struct Key: Hashable {
    let owner: Substring
    let number: Int64

    /// An actor's histories begin with its name, and are renamed; others keep their names.
    init(_ history: String, _ number: Int64) {
      owner = history.prefix { $0 != "-" }
      self.number = number
    }
  }

  private var entries: [Key: [String: Model.Held?]] = [:]

  /// Each number of an actor is of one checkpoint only. What was planned for it before and not done, since the actor was killed,
  /// is planned anew, with other files: that counts.
  mutating func add(_ operations: [Operation]) {
    for operation in operations {
      switch operation {
      case .commit(let history, let number?, let files, _):
        entries[Key(history, number)] = Model.entries(files)
      case .begin(let history, let number, let shards, _):
        let key = Key(history, number)
        entries[key] = entries[key]?.filter { entry in
          shards.contains { Self.isPart(entry.key, of: $0) }
        }
      case .commitShard(let history, let number, let shard, let files):
        let others = entries[Key(history, number), default: [:]]
          .filter { !Self.isPart($0.key, of: shard) }
        entries[Key(history, number)] = others.merging(Model.entries(files, in: shard)) { $1 }
      default: break
      }
    }
  }

  private static func isPart(_ path: String, of shard: String) -> Bool {
    path == shard || path.hasPrefix("\(shard)/")
  }

  /// - Returns: `nil` where nobody knew beforehand.
  func entries(of history: String, _ number: Int64) -> [String: Model.Held?]? {
    entries[Key(history, number)]
  }
}
