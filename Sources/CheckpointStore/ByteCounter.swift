// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Sums up the bytes that several threads have done, and tells the handler.
package final class ByteCounter: Sendable {
  private let earlier: Int64
  private let total: Int64
  private let done = Atomic<Int64>(0)
  private let handler: ProgressHandler?

  /// - Parameter earlier: how many of the total others had done before.
  package init(earlier: Int64 = 0, total: Int64, handler: ProgressHandler?) {
    self.earlier = earlier
    self.total = total
    self.handler = handler
  }

  /// How many were done since this was made.
  var count: Int64 { done.load(ordering: .relaxed) }

  package func add(_ bytes: Int) {
    let done = done.add(Int64(bytes), ordering: .relaxed).newValue
    handler?(Progress(doneBytes: done, totalBytes: total, earlierBytes: earlier))
  }
}
