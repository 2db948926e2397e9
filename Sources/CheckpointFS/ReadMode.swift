// SPDX-License-Identifier: Apache-2.0

/// How the kernel reads a file of a checkpoint. It depends on the inode alone, never on who opens it, when or how often:
/// the kernel refuses to mix its ways of reading one inode.
package enum ReadMode: Hashable, Sendable {
  /// Through the page cache, whose pages stay for the next open: what the inode holds never changes.
  case cached
  /// By itself from the file beneath, where it can; else cached.
  case passthrough

  /// Contents from this size on are read by passthrough, in bytes.
  ///
  /// Opening is dearer so by about 4 µs of 20, and the first read cheaper by a request or more, of some 30 µs each. What is
  /// smaller is opened often and read once: CURRENT, IDENTITY, OPTIONS.
  package static let leastPassthroughSize: UInt64 = 16 << 10

  /// - Parameter size: of the content, in bytes; an inode has the same for ever.
  package init(size: UInt64) {
    self = size < Self.leastPassthroughSize ? .cached : .passthrough
  }
}
