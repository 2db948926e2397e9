// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints

/// What committing a shard came to.
public struct ShardReport: Sendable {
  public let checkpoint: CheckpointReference
  public let shard: ShardName
  /// Of the shard alone, as in ``CommitReport``.
  public let files: Int64
  public let newFiles: Int64
  public let fullBytes: Int64
  public let newBytes: Int64
  public let duration: Duration
  /// The shard was committed earlier with identical content; nothing was stored.
  public let isExisting: Bool
  public let skipped: [EntryPath]
  public let warnings: [String]
  /// How far the whole checkpoint is.
  public let state: ShardState
}
