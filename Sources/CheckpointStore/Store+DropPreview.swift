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
    var contents: [Digest: (size: UInt64, references: Int64)] = [:]
    for checkpoint in checkpoints {
      let pages = try translating { try catalog.pages(of: checkpoint.id) }
      for content in pages.lazy.flatMap(\.entries).compactMap(\.content) {
        contents[content.digest, default: (content.size, 0)].references += 1
      }
    }
    let released = try translating {
      try contents.filter { try catalog.references(to: $0.key) == $0.value.references }
    }
    return DropPreview(
      releasedBlobs: Int64(released.count),
      releasedBytes: released.values.reduce(0) { $0 + Int64(clamping: $1.size) })
  }
}
