// SPDX-License-Identifier: Apache-2.0

import Catalog

/// The entries of a checkpoint, all of them in the store and kept from collection.
public struct IngestedEntries: Sendable {
  /// The entries, by page, in order.
  let pages: [PageDraft]
  let base: BasePages
  /// How many files have contents that were not in the store before, and the bytes of those contents.
  let newFiles: Int64
  let newBytes: Int64
}
