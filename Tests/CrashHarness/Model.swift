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
      for file in files {
        for directory in file.directories { checkpoint.entries[directory] = .some(nil) }
        checkpoint.entries[file.path] = Held(digest: file.digest, isShared: file.isShared)
      }
      if let tag { checkpoint.tags = [tag] }
      histories[history, default: [:]][number] = checkpoint
    case .tag(let history, let number, let name):
      histories[history]?[number]?.tags.insert(name)
    case .untag(let history, let name):
      for number in histories[history]?.keys.sorted() ?? [] {
        histories[history]?[number]?.tags.remove(name)
      }
    case .rename(let history, let name):
      histories[name] = histories.removeValue(forKey: history)
    case .drop(let history, let numbers, _):
      for number in numbers { histories[history]?[number] = nil }
    case .create, .abort, .collect, .rebuild, .forsake, .restore: break
    }
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
    return lines.joined(separator: "; ")
  }

  private static func summary(_ checkpoint: Checkpoint?) -> String {
    guard let checkpoint else { return "absent" }
    return "\(checkpoint.entries.count) entries, tags \(checkpoint.tags.sorted())"
  }
}
