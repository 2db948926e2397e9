// SPDX-License-Identifier: Apache-2.0

/// How long ago the contents of a store were read and compared with their digests.
public struct ReadingAge: Hashable, Sendable {
  /// Contents that nobody has read since they came in, in bytes.
  public let neverReadBytes: Int64
  /// Everything else was read at this time or later; `nil` when nothing was.
  public let oldest: Timestamp?

  public init(neverReadBytes: Int64, oldest: Timestamp?) {
    self.neverReadBytes = neverReadBytes
    self.oldest = oldest
  }
}
