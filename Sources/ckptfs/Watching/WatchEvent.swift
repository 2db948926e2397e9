// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Snapshots

/// What a watch tells on standard output: a line, or a line of JSON.
enum WatchEvent {
  /// - notes: what there is to say beside it, each on a line.
  case checkpoint(CommitReport, notes: [String])
  /// The database is as this checkpoint has it.
  case unchanged(CheckpointReference)
  /// The retention dropped checkpoints, and their contents were collected.
  case pruned(HistoryName, [CheckpointNumber], CollectionReport)
  /// Scrubbing found a blob damaged.
  case damaged(Problem)
}

extension WatchEvent: Report {
  private enum CodingKeys: CodingKey {
    case event
    case history
    case number
    case dropped
    case notes
    case removedBlobs
    case removedBytes
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .checkpoint(let report, let notes):
      try CommitOutcome(report).encode(to: encoder)
      try container.encode(notes, forKey: .notes)
      try container.encode("checkpoint", forKey: .event)
    case .unchanged(let checkpoint):
      try container.encode("unchanged", forKey: .event)
      try container.encode(checkpoint.history.rawValue, forKey: .history)
      try container.encode(checkpoint.number.rawValue, forKey: .number)
    case .pruned(let history, let numbers, let collection):
      try container.encode("pruned", forKey: .event)
      try container.encode(history.rawValue, forKey: .history)
      try container.encode(numbers.map(\.rawValue), forKey: .dropped)
      try container.encode(collection.removedBlobs, forKey: .removedBlobs)
      try container.encode(collection.removedBytes, forKey: .removedBytes)
    case .damaged(let problem):
      try container.encode("damaged", forKey: .event)
      try FindingListing(problem).encode(to: encoder)
    }
  }

  var deed: String? {
    switch self {
    case .checkpoint(let report, _): CommitOutcome(report).deed
    case .unchanged, .damaged: nil
    case .pruned: lines.first
    }
  }

  var lines: [String] {
    switch self {
    case .checkpoint(let report, let notes):
      // What is left out is the same each time.
      CommitOutcome(report).lines.prefix(1) + report.warnings.map { "warning: \($0)" } + notes
    case .unchanged(let checkpoint):
      ["the database has not changed since \(checkpoint)"]
    case .pruned(let history, let numbers, let collection):
      [
        "dropped \(numbers.map(\.directoryName).joined(separator: ", ")) of \(history); reclaimed "
          + Quantities.bytes(collection.removedBytes)
      ]
    case .damaged(let problem):
      [FindingListing(problem).line]
    }
  }
}
