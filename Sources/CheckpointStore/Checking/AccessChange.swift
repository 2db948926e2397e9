// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

/// Another owner or mode than a blob's file had when it came in, say by `chown -R` on a hard link of it.
struct AccessChange: Hashable, Sendable {
  let found: FileAccess
  let recorded: FileAccess

  /// - Returns: `nil` when both are as recorded.
  init?(_ status: BlobStatus, of blob: BlobRecord) {
    guard status.isRegular, status.access != blob.access else { return nil }
    (found, recorded) = (status.access, blob.access)
  }

  /// What it means where the store's owner shows the store.
  func notice(path: String, checkpoints: [CheckpointReference], owner: Ownership) -> Notice {
    let isLost =
      recorded.allowsReading(by: owner) && !found.allowsReading(by: owner)
    let change = "the blob's file belongs to \(found) instead of \(recorded)"
    return Notice(
      kind: isLost ? .lostAccess : .changedAccess, path: path, checkpoints: checkpoints,
      detail: isLost
        ? change + "; user \(owner.user), who owns the store, cannot read it any more" : change)
  }
}
