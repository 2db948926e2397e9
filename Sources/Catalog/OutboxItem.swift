// SPDX-License-Identifier: Apache-2.0

/// A change to the files beside the catalog that a transaction has decided and that is still to be made.
///
/// Each is idempotent; they are made in order, by whoever holds the outbox's lock.
package struct OutboxItem: Sendable {
  package enum Action: Hashable, Sendable, Codable {
    /// Write the checkpoint's manifest, unless it was dropped by now.
    case placeManifest(history: Int64, number: Int64, checkpoint: Int64)
    case removeManifest(history: Int64, number: Int64, checkpoint: Int64)
    case writeHistory(Int64)
    /// Remove the history's name, unless it has a checkpoint again by now.
    case removeHistory(Int64)
    /// Write the tag's file, unless the tag is gone by now.
    case writeTag(Int64)
    case removeTag(history: Int64, name: String)
  }

  package let id: Int64
  package let action: Action
}
