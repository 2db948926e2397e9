// SPDX-License-Identifier: Apache-2.0

/// How long ago the contents of a store were read and compared with their digests.
public struct ReadingAge: Hashable, Sendable {
  /// Contents that nobody has read since they came in, in bytes.
  public let neverReadBytes: Int64
  /// Contents that nobody has read within ``period``, those that were never read among them, in bytes.
  public let notRecentlyReadBytes: Int64
  /// What was read at all was read at this time or later; `nil` when nothing was.
  public let oldest: Timestamp?

  /// 30 days: the month of a rate of scrubbing.
  public static let period = Duration.seconds(30 * 86_400)

  public init(neverReadBytes: Int64, notRecentlyReadBytes: Int64, oldest: Timestamp?) {
    self.neverReadBytes = neverReadBytes
    self.notRecentlyReadBytes = notRecentlyReadBytes
    self.oldest = oldest
  }
}
