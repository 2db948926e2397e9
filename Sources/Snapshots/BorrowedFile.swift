// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxFiles

/// A hard link, in somebody's directory, to a file that he may not read.
///
/// Whoever may write to a directory may link another's file into it where the system does not forbid it (the sysctl
/// `fs.protected_hardlinks`). Root, who may read everything, would keep a copy of it and show it to all readers of a mount.
enum BorrowedFile {
  /// - Throws: code `invalid` where this process runs as root and `item` is one.
  static func check(_ item: DirectoryTree.Item, in directory: FileStatus) throws {
    guard geteuid() == 0, isBorrowed(item.status, in: directory) else { return }
    throw SnapshotError(
      .invalid,
      "'\(item.location)' is a hard link to a file of user \(item.status.user) that the directory's owner, user "
        + "\(directory.user), may not read; put a copy in its place, or give the directory to root if that is right"
    )
  }

  static func isBorrowed(_ file: FileStatus, in directory: FileStatus) -> Bool {
    guard file.kind == .regular, file.links > 1, directory.user != 0,
      file.user != directory.user
    else { return false }
    let isOfGroup = file.group == directory.group
    return file.permissions & (isOfGroup ? 0o040 : 0o004) == 0
  }
}
