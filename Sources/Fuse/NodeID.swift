// SPDX-License-Identifier: Apache-2.0

/// The number by which kernel and file system name an inode; also its `st_ino`.
///
/// 0 is not a node: the kernel reads it as "no such entry".
package struct NodeID: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The directory at the mount point, the only node that exists without a lookup.
  package static let root = NodeID(rawValue: 1)
}
