// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

/// The files of a checkpoint that it may share with others, cut as their pages will be.
struct SharedRuns {
  let files: [SeenFile]
  private let runs: [(range: Range<Int>, kept: PageRecord?)]

  /// - Parameter files: sorted by path.
  init(of files: [SeenFile], _ base: BasePages) {
    self.files = files
    runs = Pagination.runs(of: files.map(\.path)).map { range in
      (range, base.page(of: files[range]))
    }
  }

  /// Those whose page the base does not have, or not with the files that are here now.
  var unkept: [SeenFile] {
    runs.filter { $0.kept == nil }.flatMap { files[$0.range] }
  }

  /// The names of the base's pages that were found again.
  var keptPages: Set<BlobName> { Set(runs.compactMap { $0.kept?.blob.name }) }

  /// Calls `body` with each run, in order, and the page that it is in the base.
  func map<Result>(
    _ body: (ArraySlice<SeenFile>, _ kept: PageRecord?) throws -> Result
  ) rethrows -> [Result] {
    try runs.map { try body(files[$0.range], $0.kept) }
  }
}
