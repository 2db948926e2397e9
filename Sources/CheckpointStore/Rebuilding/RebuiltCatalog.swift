// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

/// A catalog that was made anew and is not in its place yet.
struct RebuiltCatalog {
  /// Beyond which ids it gives its own.
  let ids: RebuiltIDs
  /// How many changes it has counted.
  let changes: Int64
  private(set) var checkpoints: [HistoryID: Set<CheckpointNumber>] = [:]
  private(set) var tags: [HistoryID: Set<TagName>] = [:]
  /// Files that nobody needs and that it cannot hand to a collection.
  let needless: [BlobName]
  /// What is wrong with the store.
  var problems: [Problem]

  init(
    ids: RebuiltIDs, changes: Int64, checkpoints: [CheckpointRecord], tags: [TagRecord],
    needless: [BlobName], problems: [Problem]
  ) {
    self.ids = ids
    self.changes = changes
    self.needless = needless
    self.problems = problems
    for checkpoint in checkpoints {
      self.checkpoints[checkpoint.history, default: []].insert(checkpoint.number)
    }
    for tag in tags { self.tags[tag.history, default: []].insert(tag.name) }
  }
}
