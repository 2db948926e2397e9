// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Checkpoints
import Snapshots
import SystemPackage

struct SnapshotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot",
    abstract: "Take a snapshot of a database that no process has open.",
    discussion: """
      RocksDB's own lock is held meanwhile; nothing in the database's directory is changed.

      Example: ckptfs snapshot --db /var/lib/orders --history orders
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var snapshot: SnapshotOptions

  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("The database's directory.", valueName: "path"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var database: FilePath

  func run() throws {
    let line = ProgressLine("taking", store.format)
    let report = try store.open().snapshot(
      ofClosedDatabase: database, to: snapshot.history, options: snapshot.options,
      progress: line?.handler)
    line?.end()
    try store.format.print(CommitOutcome(report))
  }
}
