// SPDX-License-Identifier: Apache-2.0

/// State as a materialised base and the changes since.
package struct ChangelogState: Hashable, Sendable {
  package let keyGroups: KeyGroupRange
  /// How many bytes this checkpoint wrote; `nil` where Flink did not know it.
  package let checkpointedSize: UInt64?
  package let materialised: [KeyedStateHandle]
  package let changes: [KeyedStateHandle]
  package let materialisation: Int64
  package let checkpoint: Int64
  package let handleID: String
}
