// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// Where a database has its logs, as its newest OPTIONS file says.
enum LogDirectory {
  /// Refuses a database whose logs lie elsewhere: its unflushed rows would be lost unseen.
  ///
  /// Old versions of RocksDB write the database's own path, which is another one after a move. So a database
  /// that has a live log in its own directory is believed to have all of them there: an open one
  /// always has one, wherever it puts them.
  static func check(_ tree: DirectoryTree, _ description: DatabaseDescription) throws {
    guard let elsewhere = try setting(tree), try !isSame(elsewhere, tree),
      !hasLiveLog(tree, description)
    else { return }
    throw SnapshotError(
      .unsupported,
      "'\(tree.root)' has its logs in '\(elsewhere)' (wal_dir), which a snapshot would "
        + "miss; let its program make a checkpoint and commit that")
  }

  private static func setting(_ tree: DirectoryTree) throws -> FilePath? {
    let files = tree.items.compactMap { item -> (number: FileNumber, location: FilePath)? in
      guard case .options(let number)? = item.databaseFile else { return nil }
      return (number, item.location)
    }
    guard let newest = files.max(by: { $0.number < $1.number }) else { return nil }
    let content = try FileSystemCalls.contents(of: newest.location, limit: 64 << 20)
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self).drop { $0 == " " }
      guard text.hasPrefix("wal_dir=") else { continue }
      let value = text.dropFirst("wal_dir=".count)
      return value.isEmpty ? nil : FilePath(String(value))
    }
    return nil
  }

  private static func isSame(_ path: FilePath, _ tree: DirectoryTree) throws -> Bool {
    do throws(FileError) {
      let status = try FileStatus(following: path)
      return status.device == tree.status.device && status.inode == tree.status.inode
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
