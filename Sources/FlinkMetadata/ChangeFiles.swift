// SPDX-License-Identifier: Apache-2.0

/// Changes of keyed state that are in files.
package struct ChangeFiles: Hashable, Sendable {
  package struct Part: Hashable, Sendable {
    /// Where the changes begin in the stream, in bytes.
    package let offset: Int64
    package let handle: StreamHandle
  }

  package let keyGroups: KeyGroupRange
  package let parts: [Part]
  /// In bytes.
  package let size: UInt64
  /// How many bytes this checkpoint wrote; `nil` where Flink did not know it.
  package let checkpointedSize: UInt64?
  package let handleID: String
  /// The kind of storage that wrote them: `filesystem`.
  package let storage: String
}
