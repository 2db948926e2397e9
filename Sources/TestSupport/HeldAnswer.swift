// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// An answer that a ``MemorySource`` has found, and gives only when the test lets it.
package final class HeldAnswer: Sendable {
  let limit: Int
  private let arrival = DispatchSemaphore(value: 0)
  private let departure = DispatchSemaphore(value: 0)

  init(limit: Int) {
    self.limit = limit
  }

  func wait() {
    arrival.signal()
    departure.wait()
  }

  /// Waits until somebody has asked.
  package func waitUntilFound() { arrival.wait() }

  package func release() { departure.signal() }
}
