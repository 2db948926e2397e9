// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

extension Catalog {
  /// The files that the next collection removes, beside those of blobs that are in the catalog still: a rebuilt catalog has none of
  /// what nothing needs.
  func removable(from blobs: any BlobStore) throws -> FileTotal {
    var total = FileTotal()
    var last: Incarnation?
    while true {
      let names = try removals(after: last, limit: 1024)
      guard let next = names.last?.incarnation else { break }
      total += blobs.total(of: names)
      last = next
    }
    total += blobs.total(ofQuarantined: try releasable(from: blobs))
    return total
  }

  /// The files in quarantine whose blobs are sound again, and there; until then they stay, as the last that is left of a content.
  func releasable(from blobs: any BlobStore) throws -> [BlobName] {
    try blobs.quarantined().filter { name in
      guard let blob = try blob(name.digest), blob.name == name, !blob.isCondemned else {
        return false
      }
      return try blobs.status(of: name)?.isRegular == true
    }
  }

  /// The sizes of a store, with all that collection may reclaim.
  func statistics(with blobs: any BlobStore) throws -> StoreStatistics {
    var statistics = try statistics()
    let removable = try removable(from: blobs)
    statistics.unreferencedBlobs += Int64(removable.files)
    statistics.unreferencedBytes = statistics.unreferencedBytes.addingSaturated(
      Int64(clamping: removable.bytes))
    return statistics
  }
}
