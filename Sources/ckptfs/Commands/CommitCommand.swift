// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
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
      again is no failure when the content is the same. A database that is open is refused: 'ckptfs snapshot --live' takes \
      that.

      Example: ckptfs commit /var/lib/orders-checkpoints/7 --history orders
      Example: ckptfs commit /var/lib/orders-a/7 --history orders --number 7 --shard a
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var snapshot: SnapshotOptions

  @Option(
    help: ArgumentHelp(
      "Commit it as this shard of the checkpoint --number, which 'ckptfs begin' began.",
      valueName: "name"), transform: { try ShardName($0) })
  var shard: ShardName?

  @Flag(help: "Take the directory as it is, without comparing it with its MANIFEST.")
  var unchecked = false

  @Argument(
    help: "The checkpoint's directory.", completion: .directory,
    transform: { try FilePath(argument: $0) })
  var directory: FilePath

  func run() throws {
    if let shard { return try commit(as: shard) }
    var options = snapshot.options
    options.isUnchecked = unchecked
    let line = ProgressLine("committing", store.format)
    let report = try store.open().commit(
      directory, to: snapshot.history, options: options, progress: line?.handler)
    line?.end()
    try store.format.print(CommitOutcome(report))
  }

  private func commit(as shard: ShardName) throws {
    guard let number = snapshot.number else {
      throw Failure(
        .usage, "usage", "--shard needs --number: that of the checkpoint that was begun")
    }
    guard snapshot.tag == nil else {
      throw Failure(
        .usage, "usage",
        "--tag names a whole checkpoint, not a shard; tag it by 'ckptfs tag' when it is complete")
    }
    let line = ProgressLine("committing", store.format)
    let report = try store.open().commit(
      directory, as: shard,
      of: CheckpointReference(history: snapshot.history, number: number),
      ingest: snapshot.ingest ?? .auto, isUnchecked: unchecked, progress: line?.handler)
    line?.end()
    try store.format.print(ShardOutcome(report))
  }
}
