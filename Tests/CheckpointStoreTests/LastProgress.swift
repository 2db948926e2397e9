// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Synchronization

/// Remembers how much there was to do.
final class LastProgress: Sendable {
  private let totalBytes = Atomic<Int64>(0)

  var total: Int64 { totalBytes.load(ordering: .relaxed) }

  var note: ProgressHandler {
    { [self] in totalBytes.store($0.totalBytes, ordering: .relaxed) }
  }
}
