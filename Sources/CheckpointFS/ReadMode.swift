// SPDX-License-Identifier: Apache-2.0

/// How the kernel reads a file. It depends on the inode alone, never on who opens it, when or how
/// often: the kernel refuses to mix its ways of reading one inode.
package enum ReadMode: Hashable, Sendable {
  /// Through the page cache, whose pages stay for the next open: what the inode holds never changes.
  case cached
  /// From what was made at open, for this handle only.
  case frozen

  /// - Returns: `nil` for what is never a file. An entry may still turn out to be a directory.
  package init?(for inode: Inode) {
    switch inode {
    case .shared, .entry: self = .cached
    case .control(let node) where node.isFile: self = .frozen
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .checkpoint, .control: return nil
    }
  }
}
