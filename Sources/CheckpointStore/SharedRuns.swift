// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

/// The files of a checkpoint that it may share with others, cut as their pages will be.
struct SharedRuns {
  private let items: [Recognition.Item]
  private let runs: [(range: Range<Int>, kept: PageRecord?)]

  /// - Parameter items: sorted by path.
  init(of items: [Recognition.Item], _ base: BasePages) {
    let items = items.filter { $0.file.kind == .shared }
    self.items = items
    runs = Pagination.runs(of: items, path: \.file.path).map { range in
      (range, base.page(of: items[range]))
    }
  }

  /// Those whose page the base does not have, or not with the files that are here now.
  var unkept: [Recognition.Item] {
    runs.filter { $0.kept == nil }.flatMap { items[$0.range] }
  }

  /// The names of the base's pages that were found again.
  var keptPages: Set<BlobName> { Set(runs.compactMap { $0.kept?.blob.name }) }

  /// Calls `body` with each run, in order, and the page that it is in the base.
  func map<Result>(
    _ body: (ArraySlice<Recognition.Item>, _ kept: PageRecord?) throws -> Result
  ) rethrows -> [Result] {
    try runs.map { try body(items[$0.range], $0.kept) }
  }
}
