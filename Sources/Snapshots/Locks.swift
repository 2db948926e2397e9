// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage

/// Whether databases are open in a directory tree: by the LOCK files at its top and below.
struct Locks {
  private let top: FilePath
  /// What each directory's LOCK was at first.
  private let states: [FilePath: DirectoryLock.State]

  /// - Parameter includingTop: `false` when the caller holds the lock at the top.
  /// - Throws: code `live` when one is held.
  init(in tree: DirectoryTree, includingTop: Bool = true) throws {
    top = tree.root
    var directories = tree.items.filter(Selection.isLock)
      .map { $0.location.removingLastComponent() }.filter { $0 != tree.root }
    if includingTop { directories.append(tree.root) }
    states = try Self.probe(directories)
  }

  /// Whether there was a LOCK at the top: somebody opened it for writing once.
  var isDatabase: Bool { states[top] != .absent }

  /// - Throws: code `live` when one is held by now, `changed` when one came or went.
  func recheck() throws {
    let now = try Self.probe(Array(states.keys))
    for (directory, state) in states where now[directory] != state {
      throw SnapshotError(
        .changed,
        "'\(directory.appending(DirectoryLock.fileName))' came or went while the snapshot was "
          + "taken: somebody opened the database; try again when nobody uses it")
    }
  }

  /// Refuses a database that is open: to be asked before listing its directory, which then changes
  /// all the time.
  static func refuseLive(_ directory: FilePath) throws {
    _ = try probe([directory])
  }

  private static func probe(
    _ directories: [FilePath]
  ) throws -> [FilePath: DirectoryLock.State] {
    var states: [FilePath: DirectoryLock.State] = [:]
    for directory in directories {
      let state = try DirectoryLock.probe(directory)
      if case .held(let pid) = state { throw live(directory, pid) }
      states[directory] = state
    }
    return states
  }

  private static func live(_ directory: FilePath, _ pid: Int32?) -> SnapshotError {
    SnapshotError(
      .live,
      "'\(directory)' is a live database, no checkpoint: \(holder(pid)) holds its LOCK; commit "
        + "a checkpoint that its program makes, or take it as it runs: ckptfs snapshot --live --db '\(directory)'"
    )
  }

  static func holder(_ pid: Int32?) -> String { pid.map { "process \($0)" } ?? "another process" }
}
