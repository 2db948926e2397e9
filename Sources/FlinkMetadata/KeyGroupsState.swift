// SPDX-License-Identifier: Apache-2.0

/// All key-value pairs in one stream, by key group: a full checkpoint or a canonical savepoint.
package struct KeyGroupsState: Hashable, Sendable {
  package let keyGroups: KeyGroupRange
  /// Where each key group begins in the delegate.
  package let offsets: OffsetList
  package let delegate: StreamHandle
  /// Of a canonical savepoint, in a format that all state backends read.
  package let isSavepoint: Bool
  /// `nil` where the release of Flink did not write it.
  package let handleID: String?
}
