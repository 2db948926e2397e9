// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `ckptfs` itself: what there is to ask for.
struct CkptfsCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "ckptfs",
    abstract: "RocksDB checkpoints as a read-only file system, each distinct file stored once.",
    discussion: """
      A store is a directory, given by --store or $CKPTFS_STORE. A checkpoint is written as in a mount: \
      orders/chk-42, orders/latest, orders/tags/before-upgrade. flink:DIR names checkpoints of Flink where they are. \
      Every command takes --json.

      A character of a name that a terminal would obey or not show is written as %XX, byte by byte, as are bytes \
      that are not UTF-8; in the names of a checkpoint's files also a % and a blank at either end. --json has names \
      as they are, and as {"base64":…} where they are not UTF-8.

      Exit status: 0 done, 1 failed, 2 fsck or verify found damage, 3 no such thing, 4 busy, 64 usage.
      """,
    version: "ckptfs \(version)",
    groupedSubcommands: [
      CommandGroup(
        name: "Taking",
        subcommands: [
          InitCommand.self, CommitCommand.self, SnapshotCommand.self, ImportCommand.self,
          BeginCommand.self, AbortCommand.self, WatchCommand.self,
        ]),
      CommandGroup(
        name: "Looking",
        subcommands: [
          ListCommand.self, ShowCommand.self, DifferenceCommand.self, StatisticsCommand.self,
          UnreferencedCommand.self,
        ]),
      CommandGroup(
        name: "Using",
        subcommands: [MountCommand.self, UnmountCommand.self, RestoreCommand.self]),
      CommandGroup(
        name: "Keeping",
        subcommands: [
          TagCommand.self, UntagCommand.self, RenameCommand.self, DropCommand.self,
          PruneCommand.self, CollectCommand.self, CheckCommand.self, VerifyCommand.self,
        ]),
    ])
}
