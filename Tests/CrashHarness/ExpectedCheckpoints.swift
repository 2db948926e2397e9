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

  /// Each number of an actor is of one checkpoint only.
  mutating func add(_ operations: [Operation]) {
    for operation in operations {
      switch operation {
      case .commit(let history, let number?, let files, _):
        entries[Key(history, number)] = Model.entries(files)
      case .commitShard(let history, let number, let shard, let files):
        entries[Key(history, number), default: [:]]
          .merge(Model.entries(files, in: shard)) { $1 }
      default: break
      }
    }
  }

  /// - Returns: `nil` where nobody knew beforehand.
  func entries(of history: String, _ number: Int64) -> [String: Model.Held?]? {
    entries[Key(history, number)]
  }
}
