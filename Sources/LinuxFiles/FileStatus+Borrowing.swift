// SPDX-License-Identifier: Apache-2.0

import DurabilitySteps
import Glibc
public import SystemPackage

extension FileStatus {
  /// Whether this process runs as root and this is a hard link, in somebody's directory, to a file that he may not read.
  ///
  /// Whoever may write to a directory may link another's file into it where the system does not forbid it (the sysctl
  /// `fs.protected_hardlinks`). Root, who may read everything, would show it to all readers of a mount.
  ///
  /// - Parameter directory: in which the link lies.
  public func isBorrowed(in directory: FileStatus) -> Bool {
    guard kind == .regular, links > 1, directory.user != 0, user != directory.user, geteuid() == 0
    else { return false }
    let isOfGroup = group == directory.group
    guard permissions & (isOfGroup ? 0o040 : 0o004) == 0 else { return false }
    var isRefused = false
    Steps.perform(.refuseBorrowed) { isRefused = true }
    return isRefused
  }

  /// As ``isBorrowed(in:)``, of the directory that `path` lies in; a hard link in one that cannot be looked at is.
  public func isBorrowed(at path: FilePath) -> Bool {
    if links == 1 { return false }
    guard let directory = try? FileStatus(following: path.removingLastComponent()) else {
      return true
    }
    return isBorrowed(in: directory)
  }
}
