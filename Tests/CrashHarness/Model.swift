// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What a store must show, and what it must remember to know what to refuse.
///
/// Two are equal when they show the same: what is remembered cannot be seen in a store.
package struct Model: Sendable {
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

  /// A checkpoint that an actor has begun, and that only its end shows.
  struct Flight: Sendable {
    var history: String
    let number: Int64
    let files: [SyntheticFile]
  }

  /// What outlives the checkpoints of a history.
  struct Numbers: Sendable {
    /// The least that was given to nobody, but for what is in flight.
    var next: Int64 = 1
    /// Below it a rebuilt catalog gives none.
    var least: Int64 = 1
    /// Those of completed checkpoints, dropped ones too, in the order of their completion.
    var used: [Int64] = []
  }

  /// Histories by name, their checkpoints by number.
  package var histories: [String: [Int64: Checkpoint]] = [:]
  /// What waits for shards: of each shard its entries, or `nil` while it is missing.
  package var pending: [String: [Int64: [String: [String: Held?]?]]] = [:]

  var numbers: [String: Numbers] = [:]
  /// By actor.
  var flights: [Int: Flight] = [:]
  /// What waits for shards in vain, since its deadline has passed.
  var late: Set<CheckpointKey> = []
  /// Numbers whose checkpoints were dropped, which a rebuilt catalog may give again.
  var dropped: Set<CheckpointKey> = []
  /// Histories in which somebody was killed: what he had begun may take a number until it is collected.
  var haunted: Set<String> = []

  package init() {}

  package init(after operations: [Operation]) {
    for operation in operations { apply(operation) }
  }

  struct CheckpointKey: Hashable, Sendable {
    var history: String
    let number: Int64
  }

  /// Whether no other checkpoint ever had that name.
  func isFirst(_ number: Int64, of history: String) -> Bool {
    !dropped.contains(CheckpointKey(history: history, number: number))
  }

  package func applying(_ operation: Operation, by actor: Int = 0, number: Int64? = nil) -> Model {
    var model = self
    model.apply(operation, by: actor, number: number)
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

  /// How many entries have each content.
  package var references: [Digest: Int] {
    var references: [Digest: Int] = [:]
    for checkpoint in histories.values.flatMap(\.values) {
      for held in checkpoint.entries.values {
        if let digest = held?.digest { references[digest, default: 0] += 1 }
      }
    }
    return references
  }
}

extension Model: Hashable {
  package static func == (left: Model, right: Model) -> Bool {
    left.histories == right.histories && left.pending == right.pending
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(histories)
    hasher.combine(pending)
  }
}
