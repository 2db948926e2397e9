// SPDX-License-Identifier: Apache-2.0

/// Changes of keyed state that are in `_metadata`.
package struct InlineChanges: Hashable, Sendable {
  package let keyGroups: KeyGroupRange
  /// Sequence numbers of the first change and of the one behind the last.
  package let from: Int64
  package let to: Int64
  package let count: Int
  /// Per change: key group (4 bytes, -1 for a change of what states there are), length (4), bytes.
  package let content: MetadataRange
  package let handleID: String
}
