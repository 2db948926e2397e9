// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct BeginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "begin",
    abstract: "Begin a checkpoint that several processes commit, shard by shard.",
    discussion: """
      Nobody sees it until each of the shards was committed, by 'ckptfs commit DIR --history H --number N --shard S': \
      in any order, by anybody, at any time before the deadline. The last one completes it. After the deadline, \
      which is measured by the machine's boot clock and begins anew when the machine is restarted, it is given up. The \
      same again, by number and shards, is no failure.

      Example: ckptfs begin orders --shards a,b,c --deadline 10m
      """)

  @OptionGroup var store: StoreOptions

  @Option(
    help: ArgumentHelp(
      "Its shards: names of directories, separated by commas.", valueName: "names"),
    transform: BeginCommand.shards)
  var shards: Set<ShardName>

  @Option(
    help: "The checkpoint's number, below 2^62 (default: the next of the history).",
    transform: { try CheckpointNumber(argument: $0) })
  var number: CheckpointNumber?

  @Option(
    help: ArgumentHelp(
      "How long it waits for its shards: 30s, 10m, 2h (default: 10m).", valueName: "duration"),
    transform: BeginCommand.period)
  var deadline: Duration = .seconds(600)

  @Argument(
    help: "The history that it becomes part of; made if absent.", completion: .history,
    transform: { try HistoryName($0) })
  var history: HistoryName

  func run() throws {
    let begun = try store.open().begin(history, shards: shards, number: number, for: deadline)
    try store.format.print(BeginReport(begun.pending, isExisting: begun.isExisting))
  }

  private static func shards(_ argument: String) throws -> Set<ShardName> {
    let names = try argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { try ShardName(String($0)) }
    let shards = Set(names)
    guard shards.count == names.count else {
      throw ValidationError("a shard is named twice in '\(argument)'")
    }
    return shards
  }

  private static func period(_ argument: String) throws -> Duration {
    let period = try Duration(argument: argument)
    guard period > .zero else { throw ValidationError("a deadline lies in the future") }
    return period
  }
}

private struct BeginReport: Report {
  private enum CodingKeys: CodingKey { case existing }

  let pending: PendingListing
  let existing: Bool

  init(_ pending: PendingShards, isExisting: Bool) {
    self.pending = PendingListing(pending)
    existing = isExisting
  }

  func encode(to encoder: any Encoder) throws {
    try pending.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(existing, forKey: .existing)
  }

  var deed: String? { existing ? nil : "\(pending.name) was begun" }

  var lines: [String] {
    existing
      ? ["\(pending.name) is pending already: \(pending.summary)"]
      : ["began \(pending.name): \(pending.summary)"]
  }
}
