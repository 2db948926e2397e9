// SPDX-License-Identifier: Apache-2.0

/// The sizes of a store.
package struct StoreStatistics: Hashable, Sendable {
  package var histories: Int64 = 0
  package var checkpoints: Int64 = 0
  /// Contents that completed checkpoints refer to, and their bytes: each is counted once.
  package var blobs: Int64 = 0
  package var blobBytes: Int64 = 0
  /// The sizes of all completed checkpoints, as if nothing were shared.
  package var logicalBytes: Int64 = 0
  /// Contents that no completed checkpoint refers to, and their bytes: what `gc` may reclaim.
  package var unreferencedBlobs: Int64 = 0
  package var unreferencedBytes: Int64 = 0
  package var pendingCheckpoints: Int64 = 0
}
