// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import Synchronization

/// Hands out all blobs of a store, each once, to several threads.
final class BlobFeed: Sendable {
  private struct State {
    var portion: ArraySlice<StoredBlob> = []
    var last: Incarnation?
    var isAtEnd = false
  }

  private let catalog: any Catalog
  private let state = Mutex(State())

  init(_ catalog: any Catalog) { self.catalog = catalog }

  /// - Returns: `nil` when there are no more.
  func next() throws -> StoredBlob? {
    try state.withLock { state in
      if state.portion.isEmpty, !state.isAtEnd {
        // Under the lock: who else asks meanwhile waits for the same.
        state.portion = try catalog.storedBlobs(after: state.last, limit: 1000)[...]
        state.last = state.portion.last?.record.name.incarnation
        state.isAtEnd = state.portion.isEmpty
      }
      return state.portion.popFirst()
    }
  }
}
