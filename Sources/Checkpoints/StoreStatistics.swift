// SPDX-License-Identifier: Apache-2.0

/// The sizes of a store.
public struct StoreStatistics: Hashable, Sendable {
  public var histories: Int64
  public var checkpoints: Int64
  /// Contents that completed checkpoints refer to, and their bytes: each is counted once.
  public var blobs: Int64
  public var blobBytes: Int64
  /// The sizes of all completed checkpoints, as if nothing were shared.
  public var logicalBytes: Int64
  /// Contents that no completed checkpoint refers to, and files that are to be removed already, with their bytes: what `gc` may
  /// reclaim.
  public var unreferencedBlobs: Int64
  public var unreferencedBytes: Int64
  public var pendingCheckpoints: Int64

  public init(
    histories: Int64 = 0, checkpoints: Int64 = 0, blobs: Int64 = 0, blobBytes: Int64 = 0,
    logicalBytes: Int64 = 0, unreferencedBlobs: Int64 = 0, unreferencedBytes: Int64 = 0,
    pendingCheckpoints: Int64 = 0
  ) {
    self.histories = histories
    self.checkpoints = checkpoints
    self.blobs = blobs
    self.blobBytes = blobBytes
    self.logicalBytes = logicalBytes
    self.unreferencedBlobs = unreferencedBlobs
    self.unreferencedBytes = unreferencedBytes
    self.pendingCheckpoints = pendingCheckpoints
  }
}
