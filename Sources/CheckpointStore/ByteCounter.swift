// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Sums up the bytes that several threads have done, and tells the handler.
final class ByteCounter: Sendable {
  private let total: Int64
  private let done = Atomic<Int64>(0)
  private let handler: ProgressHandler?

  init(total: Int64, handler: ProgressHandler?) {
    self.total = total
    self.handler = handler
  }

  func add(_ bytes: Int) {
    let done = done.add(Int64(bytes), ordering: .relaxed).newValue
    handler?(Progress(doneBytes: done, totalBytes: total))
  }
}
