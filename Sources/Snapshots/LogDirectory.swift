// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// Where a database has its logs, as its newest OPTIONS file says.
enum LogDirectory {
  /// How many bytes of logs there are in the directory of an open database, as RocksDB itself counts them: those that it has not
  /// come to remove are among them.
  static func logBytes(in directory: FilePath) throws -> UInt64 {
    let logs = try DirectoryListing.names(in: directory).compactMap { bytes -> FilePath? in
      guard case .log = DirectoryEntry(bytes: bytes[...]) else { return nil }
      return directory.appending(bytes: bytes)
    }
    return try FileStatus.ifPresent(at: logs).reduce(0) { $0 + ($1?.size ?? 0) }
  }

  /// Refuses a database whose logs lie elsewhere: its unflushed rows would be lost unseen.
  ///
  /// Old versions of RocksDB write the database's own path, which is another one after a move. So a database
  /// that has a live log in its own directory is believed to have all of them there: an open one
  /// always has one, wherever it puts them.
  static func check(_ tree: DirectoryTree, _ description: DatabaseDescription) throws {
    guard let elsewhere = try tree.settings()?["wal_dir"].map(FilePath.init(_:)),
      try !isSame(elsewhere, tree),
      !hasLiveLog(tree, description)
    else { return }
    throw SnapshotError(
      .unsupported,
      "'\(tree.root)' has its logs in '\(elsewhere)' (wal_dir), which a snapshot would "
        + "miss; let its program make a checkpoint and commit that")
  }

  private static func isSame(_ path: FilePath, _ tree: DirectoryTree) throws -> Bool {
    do throws(FileError) {
      return try FileStatus(following: path).isOfSameFile(as: tree.status)
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return false }
      throw error
    }
  }

  private static func hasLiveLog(
    _ tree: DirectoryTree, _ description: DatabaseDescription
  ) -> Bool {
    tree.items.contains { item in
      guard case .log(let number)? = item.databaseFile else { return false }
      return number >= description.minimumLogNumber
    }
  }
}
