// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// Why a directory cannot be mounted on.
package struct MountPointError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Flaw: Hashable, Sendable {
    case absent
    case notADirectory
    case notEmpty
    /// A mount whose process is gone.
    case deadMount
    case withinSource(FilePath)
    case aroundSource(FilePath)
    /// A path could not be looked at: the mount point, the source, or what is above one of them.
    case unreadable(FilePath, Errno)
  }

  package let path: FilePath
  package let flaw: Flaw

  package var description: String {
    switch flaw {
    case .absent:
      "cannot mount on \(path): it does not exist; create it: mkdir -p \(path)"
    case .notADirectory:
      "cannot mount on \(path): it is no directory; give the path of an empty one"
    case .notEmpty:
      "cannot mount on \(path): it is not empty, or something is mounted there already; give the "
        + "path of an empty directory, or unmount it: ckptfs umount \(path)"
    case .deadMount:
      "cannot mount on \(path): the process of an earlier mount is gone; unmount it first: "
        + "ckptfs umount \(path)"
    case .withinSource(let source):
      "cannot mount on \(path): it is within the store \(source), which would contain itself; give "
        + "a directory outside"
    case .aroundSource(let source):
      "cannot mount on \(path): it contains the store \(source), which would be hidden; give "
        + "another directory"
    case .unreadable(let culprit, let error):
      "cannot mount on \(path): \(culprit): \(error); check the path and its permissions"
    }
  }
}
