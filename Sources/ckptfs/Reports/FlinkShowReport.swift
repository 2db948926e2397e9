// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkCheckpoints
import FlinkMetadata

/// What `show` tells of a checkpoint of Flink's.
struct FlinkShowReport: Report {
  private enum CodingKeys: CodingKey {
    case history
    case metadataVersion
    case checkpointId
    case kind
    case operators
  }

  private let history: String
  private let summary: CheckpointListing
  private let metadataVersion: Int32
  private let checkpoint: Int64
  private let kind: String?
  private let operators: [OperatorListing]

  init(_ selection: FlinkSelection) throws {
    let (history, record) = try selection.requireCheckpoint()
    guard let overview = try selection.source.overview(of: record.id) else {
      throw Failure(
        .absent, "noSuchCheckpoint", "'\(selection)' was dropped meanwhile; choose another")
    }
    self.history = history.name.rawValue
    summary = CheckpointListing(
      record, uniqueBytes: try selection.source.uniqueBytes(of: record.id), tags: [])
    metadataVersion = overview.version.rawValue
    checkpoint = overview.checkpoint
    kind = overview.properties.map { properties in
      switch properties.kind {
      case .checkpoint: "checkpoint"
      case .savepoint(let format): format.map { "savepoint, \($0.lowercased())" } ?? "savepoint"
      }
    }
    operators = overview.operators.map(OperatorListing.init)
  }

  /// The keys are those of `ls`, and some more.
  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(history, forKey: .history)
    try container.encode(metadataVersion, forKey: .metadataVersion)
    try container.encode(checkpoint, forKey: .checkpointId)
    try container.encodeIfPresent(kind, forKey: .kind)
    try container.encode(operators, forKey: .operators)
  }

  var lines: [String] {
    [
      "checkpoint  \(history)/chk-\(summary.number)",
      "kind        \(kind ?? "unknown"), number \(checkpoint), metadata version \(metadataVersion)",
      "completed   \(summary.completed)",
      "files       \(summary.files)",
      "full        \(exact(summary.fullBytes))",
      "new         \(exact(summary.newBytes))",
      "unique      \(exact(summary.uniqueBytes))",
    ] + largestFirst.flatMap { [""] + $0.lines } + [
      "",
      "full: all its state; new: what the retained checkpoint before it did not have; unique: what no "
        + "other retained checkpoint has; written: what Flink says that the checkpoint wrote",
    ]
  }

  /// What is largest is what people look for; the others stay in the order of the file.
  private var largestFirst: [OperatorListing] {
    operators.enumerated().sorted { first, second in
      (second.element.fullBytes, first.offset) < (first.element.fullBytes, second.offset)
    }.map(\.element)
  }

  private func exact(_ bytes: Int64) -> String { "\(Quantities.bytes(bytes)) (\(bytes) bytes)" }
}

private struct OperatorListing: Encodable {
  let id: String
  let name: String?
  let uid: String?
  let parallelism: Int32
  let maxParallelism: Int32
  let finished: Bool
  let states: [String]
  let subtasks: [SubtaskListing]

  init(_ overview: CheckpointOverview.Operator) {
    id = overview.header.id.description
    name = overview.header.name
    uid = overview.header.uid
    parallelism = overview.header.parallelism
    maxParallelism = overview.header.maximumParallelism
    finished = overview.header.isFinished
    states = overview.stateNames
    subtasks = overview.subtasks.map(SubtaskListing.init)
  }

  var fullBytes: UInt64 { subtasks.reduce(0) { $0 &+ $1.fullBytes } }

  var lines: [String] {
    let title = [name, uid.map { "uid \($0)" }].compactMap(\.self).joined(separator: ", ")
    let first =
      "operator \(id)\(title.isEmpty ? "" : "  \(title)")\(finished ? "  finished" : "")"
    let size = fullBytes == 0 ? "no state" : Quantities.bytes(fullBytes)
    let second =
      "  parallelism \(parallelism) of \(maxParallelism), \(size)"
      + (states.isEmpty ? "" : "; states: \(states.joined(separator: ", "))")
    guard fullBytes > 0 || subtasks.contains(where: { $0.finished || $0.keyGroups != nil }) else {
      return [first, second]
    }
    var table = Table([
      ("  SUBTASK", .right), ("KEY GROUPS", .left), ("FULL", .right), ("WRITTEN", .right),
    ])
    for subtask in subtasks { table.add(subtask.cells) }
    return [first, second] + table.lines
  }
}

private struct SubtaskListing: Encodable {
  let index: Int32
  let finished: Bool
  let keyGroups: String?
  let fullBytes: UInt64
  let newBytes: UInt64?

  init(_ overview: CheckpointOverview.Subtask) {
    index = overview.index
    finished = overview.isFinished
    keyGroups = overview.keyGroups?.description
    fullBytes = overview.fullBytes
    newBytes = overview.newBytes
  }

  var cells: [String] {
    [
      "\(index)", finished ? "finished" : keyGroups ?? "-", Quantities.bytes(fullBytes),
      newBytes.map { Quantities.bytes($0) } ?? "-",
    ]
  }
}
