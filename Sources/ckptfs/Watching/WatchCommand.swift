// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import SystemPackage

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Take a snapshot of a database again and again, drop old ones, and scrub the store.",
    discussion: """
      A snapshot is taken when the database has changed: when no process has it open or, with --live, while another \
      process writes it, as in 'ckptfs snapshot'; a live one whose files look as before is not touched. A line tells of each checkpoint. What stands in the way (the database \
      is open, absent or damaged, the store is busy, the disk is full) is told once and waited for. With one of the \
      --keep options, as in 'ckptfs prune', old checkpoints are dropped after each new one, and the space is freed. \
      SIGTERM, SIGINT and SIGHUP end it with status 0; a snapshot that is under way is given up.

      With --scrub all files of the store are read over time, those first that were not read for the longest time; after any \
      end it goes on there, and no sooner than the rate says. What is found rotten is shown by no mount any more, and a line names each checkpoint that is hurt. \
      Without --db it only scrubs.

      Example: ckptfs watch --db /var/lib/orders --history orders --every 10m --keep-last 6 --keep-daily 7; ckptfs watch --scrub 1%/day
      """)

  @OptionGroup var store: StoreOptions

  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("The database's directory.", valueName: "path"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var database: FilePath?

  @Option(
    help: ArgumentHelp("The history to add checkpoints to; made if absent.", valueName: "name"),
    completion: .history, transform: { try HistoryName($0) })
  var history: HistoryName?

  @Option(
    help: ArgumentHelp(
      "From the beginning of a snapshot to that of the next: 30s, 10m, 2h, 1d.",
      valueName: "duration"), transform: WatchCommand.period)
  var every: Duration?

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

  @Option(
    help: ArgumentHelp(
      "Read so much of the store in a time: 1%/day, 0.5%/hour, 25%/week, 100%/month.",
      valueName: "rate"),
    transform: {
      guard let rate = ScrubRate($0) else {
        throw ValidationError("write a percentage and hour, day, week or month: 1%/day")
      }
      return rate
    })
  var scrub: ScrubRate?

  @OptionGroup var retention: RetentionOptions

  func validate() throws {
    if database == nil {
      if scrub == nil { throw ValidationError("name a database by --db, or give --scrub") }
      if history != nil || every != nil || live || ingest != nil || !retention.policy().isEmpty {
        throw ValidationError("--history, --every, --live, --ingest and --keep options need a --db")
      }
    } else if history == nil || every == nil {
      throw ValidationError("--db needs --history and --every")
    }
    if workDirectory != nil && !live {
      throw ValidationError("--work-directory is for --live only")
    }
  }

  func run() throws {
    guard let database, let history, let every else {
      if let scrub { try WatchService.scrub(store.path(), at: scrub, store.format) }
      return
    }
    let policy = retention.policy()
    let service = WatchService(
      path: try store.path(), database: database, history: history,
      method: live ? .live(workingDirectory: workDirectory) : .closed,
      ingest: ingest ?? .auto, policy: policy.isEmpty ? nil : policy, scrub: scrub,
      format: store.format)
    try service.run(every: every)
  }

  private static func period(_ argument: String) throws -> Duration {
    let period = try Duration(argument: argument)
    guard period > .zero else { throw ValidationError("the shortest period is 1s") }
    return period
  }
}
