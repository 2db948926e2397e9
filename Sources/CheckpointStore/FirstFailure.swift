// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The first error of several threads.
package final class FirstFailure: Sendable {
  private let error = Mutex<(any Error)?>(nil)

  package init() {}

  package func note(_ new: any Error) { error.withLock { $0 = $0 ?? new } }

  package func check() throws { if let error = error.withLock(\.self) { throw error } }
}
