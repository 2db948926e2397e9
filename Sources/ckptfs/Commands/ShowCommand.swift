// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tell all about one checkpoint.",
    discussion: """
      Of a checkpoint of Flink's it tells operators, parallelism, key groups, names of states, and for each subtask \
      the size of its state and how much of it the checkpoint wrote.

      Example: ckptfs show orders/latest; ckptfs show flink:/flink/checkpoints/JOB/chk-42
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var mapping: MappingOptions

  @Argument(
    help: "The checkpoint: orders/chk-42, orders/latest, orders/tags/NAME, flink:JOB/chk-42.",
    completion: .checkpoint, transform: { try CheckpointArgument(argument: $0) })
  var checkpoint: CheckpointArgument

  func run() throws {
    switch checkpoint {
    case .store(let selector): try show(selector)
    case .flink(let argument):
      guard let selection = try FlinkSelection(argument, mappings: mapping.mappings) else { return }
      try store.format.print(FlinkShowReport(selection))
    }
  }

  private func show(_ checkpoint: CheckpointSelector) throws {
    let store = try store.open()
    let record = try store.checkpoint(checkpoint)
    let history = try store.history(named: checkpoint.history)
    let summary = try CheckpointListing(
      record, uniqueBytes: store.uniqueBytes(of: record),
      tags: store.tags(of: history).filter { $0.checkpoint == record.id })
    try self.store.format.print(
      ShowReport(
        history: history.name.rawValue, summary: summary, user: record.owner.user,
        group: record.owner.group))
  }
}

private struct ShowReport: Report {
  private enum CodingKeys: CodingKey {
    case history
    case user
    case group
  }

  let history: String
  let summary: CheckpointListing
  let user: UInt32
  let group: UInt32

  /// The keys are those of `ls`, and some more.
  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(history, forKey: .history)
    try container.encode(user, forKey: .user)
    try container.encode(group, forKey: .group)
  }

  var lines: [String] {
    [
      "checkpoint  \(history)/chk-\(summary.number)",
      "completed   \(summary.completed)",
      "files       \(summary.files)",
      "full        \(exact(summary.fullBytes))",
      "new         \(exact(summary.newBytes))",
      "unique      \(exact(summary.uniqueBytes))",
      "owner       \(user):\(group)",
      "tags        \(summary.tags.isEmpty ? "-" : summary.tags.joined(separator: ", "))",
      "",
      "full: all its files together; new: what the store did not have before it; unique: what no other "
        + "checkpoint has, and dropping it would free",
    ]
  }

  private func exact(_ bytes: Int64) -> String { "\(Quantities.bytes(bytes)) (\(bytes) bytes)" }
}
