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
  ///
  /// - Parameter paths: those of all files that have changed so.
  func notice(
    paths: [String], checkpoints: [CheckpointReference], owner: Ownership
  ) -> Notice {
    let isLost =
      recorded.allowsReading(by: owner) && !found.allowsReading(by: owner)
    let isOne = paths.count == 1
    let files =
      isOne ? "the blob's file belongs" : "the files of \(paths.count) blobs, as this one, belong"
    let loss =
      "; user \(owner.user), who owns the store, cannot read \(isOne ? "it" : "them") any more"
    return Notice(
      kind: isLost ? .lostAccess : .changedAccess, path: paths[0],
      others: Array(paths.dropFirst()), checkpoints: checkpoints,
      detail: "\(files) to \(found) instead of \(recorded)\(isLost ? loss : "")\(remedy(isOne))")
  }

  private func remedy(_ isOne: Bool) -> String {
    let owner = "'chown \(recorded.owner.user):\(recorded.owner.group)'"
    let deeds =
      (found.owner == recorded.owner ? [] : [owner])
      + (found.permissions == recorded.permissions ? [] : ["'chmod \(recorded.mode)'"])
    let deed = "\(deeds.joined(separator: " and ")) put\(deeds.count == 1 ? "s" : "")"
    return isOne
      ? "; \(deed) it right"
      : "; \(deed) them right; '--json' lists them as 'paths'"
  }
}
