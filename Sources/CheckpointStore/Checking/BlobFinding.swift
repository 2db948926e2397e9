// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints

/// How a blob's file differs from its record.
struct BlobFinding: Sendable {
  let blob: BlobRecord
  let kind: BlobKind
  var flaw: BlobFlaw?
  var access: AccessChange?

  init(_ blob: StoredBlob) {
    self.blob = blob.record
    kind = blob.kind
  }

  var isNothing: Bool { flaw == nil && access == nil }
  /// Where its file lies, within the store.
  var path: String {
    flaw == .quarantined ? quarantinePath : "blobs/\(blob.name.description.prefix(2))/\(blob.name)"
  }
  var quarantinePath: String { "quarantine/\(blob.name)" }
}
