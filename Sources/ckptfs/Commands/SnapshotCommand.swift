// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Checkpoints
import Snapshots
import SystemPackage

struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Take a snapshot of a database: one that no process has open, or a live one.",
    discussion: """
      Nothing in the database's directory is changed. Without --live RocksDB's own lock is held meanwhile, so that \
      nobody can open the database.

      With --live another process may go on writing. The snapshot is of one moment and holds all that was written \
      before this began, as long as no write skips the log (disableWAL). Databases that it cannot cover are refused \
      with the reason. A program that can call RocksDB's Checkpoint itself should: that is the first choice, this \
      the second. Where the database's file system is mounted at its directory, or the directory above may not be \
      written to, name another one with --work-directory.

      Example: ckptfs snapshot --db /var/lib/orders --history orders
      Example: ckptfs snapshot --db /var/lib/orders --history orders --live
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var snapshot: SnapshotOptions

  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("The database's directory.", valueName: "path"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var database: FilePath

  @Flag(help: "Take it while another process writes it.")
  var live = false

  @Option(
    help: ArgumentHelp(
      """
      With --live: where files are linked and copied to first, on the database's file system (default: beside the \
      database's directory).
      """, valueName: "dir"),
    completion: .directory, transform: { try FilePath(argument: $0) })
  var workDirectory: FilePath?

  func validate() throws {
    if workDirectory != nil && !live {
      throw ValidationError("--work-directory is for --live only")
    }
  }

  func run() throws {
    let line = ProgressLine("taking", store.format)
    if live {
      let report = try store.open().snapshot(
        ofLiveDatabase: database, to: snapshot.history, options: snapshot.options,
        workingDirectory: workDirectory, progress: line?.handler)
      line?.end()
      try store.format.print(LiveSnapshotOutcome(report))
    } else {
      let report = try store.open().snapshot(
        ofClosedDatabase: database, to: snapshot.history, options: snapshot.options,
        progress: line?.handler)
      line?.end()
      try store.format.print(CommitOutcome(report))
    }
  }
}
