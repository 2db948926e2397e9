// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Asks work that other threads do to end soon; once asked, for good.
package final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  package init() {}

  package var isRequested: Bool { flag.load(ordering: .acquiring) }

  package func request() { flag.store(true, ordering: .releasing) }

  /// - Throws: `CancellationError` once it was asked for.
  package func check() throws(CancellationError) {
    if isRequested { throw CancellationError() }
  }
}
