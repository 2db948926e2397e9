// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What `stat` tells of a node.
package struct NodeAttributes: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case directory
    case file
    case link
  }

  package let inode: Inode
  /// Of a checkpoint's own file a number of its content, else 0. Where a catalog was put back from an older copy its ids are
  /// given anew: by this the kernel tells another content under the same inode, and drops what it kept of the first.
  package let generation: UInt32
  package let kind: Kind
  /// In bytes; 0 for a directory, so that `du` adds up to the bytes of the files.
  package let size: UInt64
  package let links: UInt32
  package let owner: Ownership
  /// All three times of the node: nothing here is ever accessed in a way that counts, and nothing
  /// changes but what `modified` says.
  package let modified: Timestamp

  /// The link count of every directory.
  ///
  /// It cannot be 2 + sub-directories, since counting those costs a walk over the entries, and it
  /// must not be 2 where there are some: `find` and Perl's File::Find then take a directory to have
  /// none and do not descend. 1 means "not counted" to both, as on btrfs.
  package static let directoryLinks: UInt32 = 1

  /// `st_blksize`: what one FUSE read request of the kernel's read-ahead carries, so that cp, cat and
  /// stdio ask for whole requests. RocksDB reads blocks of its own size and does not look.
  package static let preferredReadSize: UInt32 = 128 << 10

  /// Permission bits: owner-writable, since a `cp -a` of a mount must be usable; the mount is
  /// read-only all the same.
  ///
  /// - Parameter umask: what is taken away, which a link has no use for.
  package func permissions(umask: UInt16) -> UInt16 {
    switch kind {
    case .directory: 0o777 & ~umask
    case .file: 0o666 & ~umask
    case .link: 0o777
    }
  }

  /// In units of 512 bytes, as `st_blocks` is everywhere. Only files take room, so that `du` tells
  /// what the contents take; a link's target is in its inode.
  package var blocks: UInt64 {
    switch kind {
    case .file: size / 512 + (size % 512 == 0 ? 0 : 1)
    case .directory, .link: 0
    }
  }

  package static func directory(
    _ inode: Inode, owner: Ownership, modified: Timestamp
  ) -> NodeAttributes {
    NodeAttributes(
      inode: inode, generation: 0, kind: .directory, size: 0, links: directoryLinks, owner: owner,
      modified: modified)
  }

  package static func link(
    _ inode: Inode, target: [UInt8], owner: Ownership, modified: Timestamp
  ) -> NodeAttributes {
    NodeAttributes(
      inode: inode, generation: 0, kind: .link, size: UInt64(target.count), links: 1, owner: owner,
      modified: modified)
  }

  package static func file(
    _ inode: Inode, generation: UInt32 = 0, size: UInt64, links: UInt32 = 1, owner: Ownership,
    modified: Timestamp
  ) -> NodeAttributes {
    NodeAttributes(
      inode: inode, generation: generation, kind: .file, size: size, links: links, owner: owner,
      modified: modified)
  }
}
