// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Checkpoints
import Snapshots
import SystemPackage

struct CommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit",
    abstract: "Keep a checkpoint directory that RocksDB, or a program with it, has made.",
    discussion: """
      Files that are in the store already are recognised and not stored again. The directory stays as it is; \
      files that RocksDB never changes may be hard-linked into the store (--ingest copy: never). The same number \
      again is no failure when the content is the same.

      Example: ckptfs commit /var/lib/orders-checkpoints/7 --history orders
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var snapshot: SnapshotOptions

  @Flag(help: "Take the directory as it is, without comparing it with its MANIFEST.")
  var unchecked = false

  @Argument(
    help: "The checkpoint's directory.", completion: .directory,
    transform: { try FilePath(argument: $0) })
  var directory: FilePath

  func run() throws {
    var options = snapshot.options
    options.isUnchecked = unchecked
    let line = ProgressLine("committing", store.format)
    let report = try store.open().commit(
      directory, to: snapshot.history, options: options, progress: line?.handler)
    line?.end()
    try store.format.print(CommitOutcome(report))
  }
}
