// SPDX-License-Identifier: Apache-2.0

/// What taking a snapshot of a live database came to.
public struct LiveSnapshotReport: Sendable {
  public let commit: CommitReport
  /// How many tries it took to catch a moment at which nothing got in between.
  public let tries: Int
  /// The greatest sequence number that the snapshot holds, as far as its MANIFEST and logs tell.
  public let lastSequence: UInt64
  /// How many logs are in it, of how many bytes together.
  public let logs: Int
  public let logBytes: UInt64
  /// Why the snapshot could not be opened with the linked RocksDB, though it may be sound; `nil` when it was opened.
  public let notVerified: String?
  /// Files and directories in the database's directory that are not RocksDB's, and were left out; sorted.
  public let leftOut: [String]

  /// What cannot be seen from outside the process that writes, so it is taken for granted; each a sentence.
  public static let assumptions = [
    "No write skips the log (disableWAL): one that is only in memory cannot be reached, and not every such writer is noticed.",
    "What the process has acknowledged it has handed to the kernel: it writes with RocksDB's own file functions, on a local file system.",
  ]
}
