// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FlinkCheckpoints

/// What a listing tells of one checkpoint.
struct CheckpointListing: Encodable {
  private enum CodingKeys: CodingKey {
    case number
    case completedAt
    case files
    case fullBytes
    case newBytes
    case uniqueBytes
    case tags
  }

  let number: Int64
  /// To the nanosecond, as completions are ordered.
  private let completedAt: String
  /// For people: to the second.
  let completed: String
  let files: Int64
  let fullBytes: Int64
  let newBytes: Int64
  let uniqueBytes: Int64
  let tags: [String]

  init(_ checkpoint: CheckpointRecord, uniqueBytes: Int64, tags: [TagRecord]) {
    number = checkpoint.number.rawValue
    completedAt = checkpoint.completed.rfc3339
    completed = Quantities.time(checkpoint.completed)
    files = checkpoint.files
    fullBytes = checkpoint.fullBytes
    newBytes = checkpoint.newBytes
    self.uniqueBytes = uniqueBytes
    self.tags = tags.map(\.name.rawValue)
  }

  static let columns: [(title: String, alignment: Table.Alignment)] = [
    ("CHECKPOINT", .left), ("COMPLETED", .left), ("FILES", .right), ("FULL", .right),
    ("NEW", .right), ("UNIQUE", .right), ("TAGS", .left),
  ]

  var cells: [String] {
    [
      "chk-\(number)", completed, "\(files)", Quantities.bytes(fullBytes),
      Quantities.bytes(newBytes), Quantities.bytes(uniqueBytes), tags.joined(separator: ", "),
    ]
  }
}

/// What a listing tells of one history.
struct HistoryListing: Encodable {
  let name: String
  let checkpoints: [CheckpointListing]

  /// - Parameter uniqueBytes: of all checkpoints of the store, since counting them takes one look at all of it.
  init(_ history: HistoryRecord, uniqueBytes: [CheckpointID: Int64], in store: Store) throws {
    name = history.name.rawValue
    let tags = Dictionary(grouping: try store.tags(of: history), by: \.checkpoint)
    checkpoints = try store.checkpoints(of: history).map { checkpoint in
      CheckpointListing(
        checkpoint, uniqueBytes: uniqueBytes[checkpoint.id] ?? 0, tags: tags[checkpoint.id] ?? [])
    }
  }

  init(_ history: HistoryRecord, in source: FlinkSource) throws {
    name = history.name.rawValue
    checkpoints = try source.checkpoints(of: history.id, after: nil, limit: .max).map { record in
      CheckpointListing(record, uniqueBytes: try source.uniqueBytes(of: record.id), tags: [])
    }
  }
}
