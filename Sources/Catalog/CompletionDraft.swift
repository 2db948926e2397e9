// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What makes a pending checkpoint a completed one.
package struct CompletionDraft: Sendable {
  package let pending: PendingRecord
  package let checkpoint: CheckpointRecord
  /// All pages, in order.
  package let pages: [PageDraft]
  /// The names under which the pages were placed that were made and that the base does not have; pinned.
  package let placedPages: [Digest: BlobName]
  package let tag: TagName?

  package init(
    pending: PendingRecord, checkpoint: CheckpointRecord, pages: [PageDraft],
    placedPages: [Digest: BlobName], tag: TagName?
  ) {
    self.pending = pending
    self.checkpoint = checkpoint
    self.pages = pages
    self.placedPages = placedPages
    self.tag = tag
  }
}
