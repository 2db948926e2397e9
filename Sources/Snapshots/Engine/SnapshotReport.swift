// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// What a snapshot came to and what it cost.
public struct SnapshotReport: Hashable, Sendable {
  public let history: HistoryName
  public let number: CheckpointNumber
  /// The completed checkpoint that it was compared with; `nil` for the first, or where that one was dropped.
  public let base: CheckpointNumber?
  /// How long ``SnapshotEngine/takeSnapshot(number:states:)`` held its caller up, with the flush.
  public let synchronousDuration: Duration
  /// How much of that was flushing; zero when nothing was flushed. Of a database that flushes its column families as one it is all,
  /// since RocksDB does both in one.
  public let flushDuration: Duration
  /// How long ``PendingSnapshot/materialize(progress:)`` took.
  public let asynchronousDuration: Duration
  public let files: Int64
  /// Files whose contents were not in the store before.
  public let newFiles: Int64
  /// Files whose contents were there already.
  public var keptFiles: Int64 { files - newFiles }
  /// The sizes of all its files.
  public let fullBytes: Int64
  /// The sizes of the contents that were not in the store before, each once.
  public let newBytes: Int64
  /// What somebody should know though it did no harm, each on a line.
  public let warnings: [String]
}
