// SPDX-License-Identifier: Apache-2.0

/// The inode number of a content that checkpoints share: the same in every mount, for ever.
///
/// Bit 62 marks it and the 62 bits below are the first of the digest. Two digests that agree in
/// them are told apart when the second is stored: the catalog refuses it.
public struct SharedInode: RawRepresentable, Hashable, Sendable {
  /// Bit 63 is clear, since programs exist that read inode numbers as signed.
  public let rawValue: UInt64

  public init?(rawValue: UInt64) {
    guard rawValue >> 62 == 1 else { return nil }
    self.rawValue = rawValue
  }

  public init(_ digest: Digest) {
    rawValue = 1 << 62 | digest.words.0 >> 2
  }
}
