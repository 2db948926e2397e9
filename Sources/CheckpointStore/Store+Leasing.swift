// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints

extension Store {
  /// Does `body` while nothing that a checkpoint needs is collected, also if it is dropped (promise P4).
  ///
  /// What those who died in this had noted that they made is removed first.
  ///
  /// - Parameter body: notes with the owner that it is given what it makes outside of the store, before it makes it.
  func withLease<Result>(
    of checkpoint: CheckpointRecord, _ body: (borrowing LiveOwner) throws -> Result
  ) throws -> Result {
    try AbandonedRestore.removeAll(layout)
    let owner = try LiveOwner(layout)
    try catalog.lease(checkpoint.id, owner: owner.token)
    let result = Swift.Result { try body(owner) }
    do {
      try catalog.release(owner.token)
      try owner.leave()
    } catch {
      // Why `body` failed says more than what clearing up after it failed with.
      _ = try result.get()
      throw error
    }
    return try result.get()
  }
}
