// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import LinuxFiles

/// What a blob's file looks like from outside.
package struct BlobStatus: Hashable, Sendable {
  /// Whether it is a regular file at all.
  package let isRegular: Bool
  package let size: UInt64
  package let modified: Timestamp
  /// When anything of the inode last changed, by the kernel's clock.
  package let changed: Timestamp
  package let access: FileAccess
  /// Whether its time lies before its birth, so that somebody set it: as of each copy that this store
  /// made, and of what an archive restored. `nil` where the file system keeps no time of birth.
  package let hasTimeSet: Bool?
  /// Which file of which file system it is, to tell whether a source is hard-linked to it.
  package let device: UInt64
  package let inode: UInt64

  init(_ status: FileStatus) {
    isRegular = status.kind == .regular
    size = status.size
    modified = Timestamp(nanoseconds: status.modified)
    changed = Timestamp(nanoseconds: status.changed)
    access = FileAccess(status)
    hasTimeSet = status.born.map { status.modified < $0 }
    device = status.device
    inode = status.inode
  }
}
