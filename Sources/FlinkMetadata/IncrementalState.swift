// SPDX-License-Identifier: Apache-2.0

/// A RocksDB directory, file by file.
package struct IncrementalState: Hashable, Sendable {
  /// Of the checkpoint that made this handle.
  package let checkpoint: Int64
  package let backend: String
  package let keyGroups: KeyGroupRange
  /// How many bytes this checkpoint wrote; `nil` where Flink did not know it.
  package let checkpointedSize: UInt64?
  /// Serializers and names of states.
  package let meta: StreamHandle
  /// Files that other checkpoints may use, too: SSTs.
  package let shared: [NamedFile]
  /// Files of this checkpoint only: CURRENT, MANIFEST, OPTIONS.
  package let own: [NamedFile]
  /// `nil` where the release of Flink did not write it.
  package let handleID: String?
}
