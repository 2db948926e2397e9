// SPDX-License-Identifier: Apache-2.0

import Glibc

/// SIGUSR1, which kills this process no more from when this is made.
///
/// To be made before other threads are: each inherits that the signal is not for it.
public struct UserSignal: Sendable {
  private let signal = AwaitedSignals([SIGUSR1])

  public init() {}

  /// Calls `body` each time the signal comes, on a thread of its own, until the process ends.
  ///
  /// What came before is not lost; what comes several times during one call counts once.
  public func onArrival(_ body: @escaping @Sendable () -> Void) {
    signal.onArrival { _ in body() }
  }
}
