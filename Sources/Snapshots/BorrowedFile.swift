// SPDX-License-Identifier: Apache-2.0

import LinuxFiles

/// A hard link, in somebody's directory, to a file that he may not read.
enum BorrowedFile {
  /// - Throws: code `invalid` where this process runs as root and `item` is one.
  static func check(_ item: DirectoryTree.Item, in directory: FileStatus) throws {
    guard item.status.isBorrowed(in: directory) else { return }
    throw SnapshotError(
      .invalid,
      "'\(item.location)' is a hard link to a file of user \(item.status.user) that the directory's owner, user "
        + "\(directory.user), may not read; put a copy in its place, or give the directory to root if that is right"
    )
  }
}
