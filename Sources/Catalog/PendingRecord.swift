// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints

/// A checkpoint being taken: invisible, alive while its owner holds its lock.
package struct PendingRecord: Hashable, Sendable {
  /// Becomes the checkpoint's id.
  package let id: CheckpointID
  package let history: HistoryID
  package let historyName: HistoryName
  package let number: CheckpointNumber
  package let owner: OwnerToken
  /// The last completed checkpoint of the history that has not yet to be confirmed, kept from collection meanwhile.
  package let base: CheckpointRecord?
}

/// What `begin` finds.
package enum Beginning: Sendable {
  case pending(PendingRecord)
  /// The number asked for was completed earlier.
  case completed(CheckpointRecord)
}
