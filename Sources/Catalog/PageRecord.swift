// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// A page of a checkpoint, as far as its entries need not be known.
package struct PageRecord: Hashable, Sendable {
  /// Keeps the page's text.
  package let blob: BlobRecord
  package let stream: PageStream
  /// The least path in it.
  package let first: EntryPath
  package let entries: Int
  /// The sizes of its entries together.
  package let bytes: Int64
  /// What the sources of its entries looked like when a checkpoint last took them in, if all of them were
  /// the blobs' own files and gave evidence (promise P5): whoever finds them so again has this page, whole.
  package let sources: Digest?
}

/// A page of a checkpoint that is being completed.
package enum PageDraft: Hashable, Sendable {
  /// One of the base, which keeps it from collection.
  case kept(PageRecord)
  /// - sources: as in ``PageRecord/sources``, for the next checkpoint.
  case made(Page, sources: Digest?)

  package var stream: PageStream {
    switch self {
    case .kept(let record): record.stream
    case .made(let page, _): page.stream
    }
  }

  package var entries: Int {
    switch self {
    case .kept(let record): record.entries
    case .made(let page, _): page.entries.count
    }
  }

  package var bytes: Int64 {
    switch self {
    case .kept(let record): record.bytes
    case .made(let page, _): page.bytes
    }
  }

  /// How many of its entries are files, not directories.
  package var files: Int {
    switch self {
    case .kept(let record): record.stream == .shared ? record.entries : 0
    case .made(let page, _): page.entries.count { $0.content != nil }
    }
  }
}
