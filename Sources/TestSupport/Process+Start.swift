// SPDX-License-Identifier: Apache-2.0

package import Foundation

extension Process {
  /// Starts it with no signal blocked.
  ///
  /// Threads of a pool block nearly all, and what they start inherits that: no `timeout` ends it, nor `kill`.
  package func start() throws {
    var (none, before) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
