// SPDX-License-Identifier: Apache-2.0

import Catalog
public import Checkpoints

/// What dropping checkpoints would release.
public struct DropPreview: Hashable, Sendable {
  /// Contents that no other checkpoint refers to, and their bytes.
  public let releasedBlobs: Int64
  public let releasedBytes: Int64
}

extension Store {
  /// Tells what `drop` of the same checkpoints would release, or throws what it would throw.
  public func dropPreview(
    _ checkpoints: [CheckpointRecord], force: Bool
  ) throws(StoreError) -> DropPreview {
    try translating { try catalog.checkDroppable(checkpoints, force: force) }
    // Checkpoints that follow each other have most pages in common; each is read once.
    var pages: [BlobName: (record: PageRecord, checkpoints: Int64)] = [:]
    for checkpoint in checkpoints {
      for record in try translating({ try catalog.pageRecords(of: checkpoint.id) }) {
        pages[record.blob.name, default: (record, 0)].checkpoints += 1
      }
    }
    var contents: [Digest: (size: UInt64, references: Int64)] = [:]
    for (record, count) in pages.values {
      let page = try translating { try catalog.page(record) }
      for content in page.entries.compactMap(\.content) {
        contents[content.digest, default: (content.size, 0)].references += count
      }
    }
    let released = try translating {
      try contents.filter { try catalog.references(to: $0.key) == $0.value.references }
    }
    return DropPreview(
      releasedBlobs: Int64(released.count),
      releasedBytes: released.values.lazy.map { Int64(clamping: $0.size) }.sum())
  }
}
