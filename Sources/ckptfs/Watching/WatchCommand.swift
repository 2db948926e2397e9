// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import SystemPackage

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Take a snapshot of a database again and again, and drop old ones.",
    discussion: """
      A snapshot is taken when the database has changed: when no process has it open or, with --live, while another \
      process writes it, as in 'ckptfs snapshot'; a live one whose files look as before is not touched. A line tells of each checkpoint. What stands in the way (the database \
      is open, absent or damaged, the store is busy, the disk is full) is told once and waited for. With one of the \
      --keep options, as in 'ckptfs prune', old checkpoints are dropped after each new one, and the space is freed. \
      SIGTERM, SIGINT and SIGHUP end it with status 0; a snapshot that is under way is given up.

      Example: ckptfs watch --db /var/lib/orders --history orders --every 10m --keep-last 6 --keep-daily 7
      """)

  @OptionGroup var store: StoreOptions

  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("The database's directory.", valueName: "path"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var database: FilePath

  @Option(
    help: ArgumentHelp("The history to add checkpoints to; made if absent.", valueName: "name"),
    completion: .history, transform: { try HistoryName($0) })
  var history: HistoryName

  @Option(
    help: ArgumentHelp(
      "From the beginning of a snapshot to that of the next: 30s, 10m, 2h, 1d.",
      valueName: "duration"), transform: WatchCommand.period)
  var every: Duration

  @Flag(help: "Take them while another process writes the database.")
  var live = false

  @Option(
    help: ArgumentHelp(
      "With --live: as in 'ckptfs snapshot' (default: beside the database's directory).",
      valueName: "dir"),
    completion: .directory, transform: { try FilePath(argument: $0) })
  var workDirectory: FilePath?

  @Option(
    help: "How contents come in: auto, reflink or copy.",
    completion: .list(["auto", "reflink", "copy"]),
    transform: { try IngestPolicy(argument: $0) })
  var ingest: IngestPolicy?

  @OptionGroup var retention: RetentionOptions

  func validate() throws {
    if workDirectory != nil && !live {
      throw ValidationError("--work-directory is for --live only")
    }
  }

  func run() throws {
    let policy = retention.policy()
    let service = WatchService(
      path: try store.path(), database: database, history: history,
      method: live ? .live(workingDirectory: workDirectory) : .closed,
      ingest: ingest ?? .auto, policy: policy.isEmpty ? nil : policy, format: store.format)
    try service.run(every: every)
  }

  private static func period(_ argument: String) throws -> Duration {
    let period = try Duration(argument: argument)
    guard period > .zero else { throw ValidationError("the shortest period is 1s") }
    return period
  }
}
