// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Dispatch
import Glibc
import LinuxFiles

/// SIGTERM, SIGINT and SIGHUP, which end a watch: its wait at once, its snapshot soon.
final class WatchEnding: Sendable {
  /// Of the snapshot that is under way.
  let cancellation = Cancellation()
  private let arrival = DispatchSemaphore(value: 0)

  var isRequested: Bool { cancellation.isRequested }

  /// To be made before other threads are.
  init() {
    let signals = AwaitedSignals([SIGTERM, SIGINT, SIGHUP])
    signals.onArrival { [cancellation, arrival] _ in
      cancellation.request()
      arrival.signal()
    }
  }

  /// Ends it, as a signal does.
  func request() {
    cancellation.request()
    arrival.signal()
  }

  /// Waits, calling `body` every `interval`.
  ///
  /// - Returns: whether a signal ended the wait, or came before it.
  func wait(for time: Duration, interval: Duration?, _ body: () -> Void) -> Bool {
    let end = ContinuousClock.now + time
    while true {
      let rest = end - ContinuousClock.now
      guard rest > .zero, !isRequested else {
        // Whoever else waits is to wake up, too.
        if isRequested { arrival.signal() }
        return isRequested
      }
      let part = min(interval ?? rest, rest, .seconds(86_400))
      _ = arrival.wait(timeout: .now() + .nanoseconds(Int(part / .nanoseconds(1))))
      body()
    }
  }
}
