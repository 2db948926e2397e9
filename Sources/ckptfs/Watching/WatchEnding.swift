// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import LinuxFiles
import Synchronization

/// SIGTERM, SIGINT and SIGHUP, which end a watch: at once while it works, as after a wait while it waits.
final class WatchEnding: Sendable {
  private struct State {
    var isRequested = false
    var isWorking = false
  }

  private let state = Mutex(State())
  private let arrival = DispatchSemaphore(value: 0)

  /// To be made before other threads are.
  init() {
    let signals = AwaitedSignals([SIGTERM, SIGINT, SIGHUP])
    signals.onArrival { [self] _ in arrive() }
  }

  private func arrive() {
    let isWorking = state.withLock { state in
      state.isRequested = true
      return state.isWorking
    }
    // Nothing is lost by it (promise P6), and all that was said has been written.
    if isWorking { _exit(0) }
    arrival.signal()
  }

  /// Does `body`; a signal that comes meanwhile ends the process with status 0.
  func endingProcess(during body: () throws -> Void) rethrows {
    let isRequested = state.withLock { state in
      state.isWorking = true
      return state.isRequested
    }
    if isRequested { _exit(0) }
    defer { state.withLock { $0.isWorking = false } }
    try body()
  }

  /// Waits, calling `body` every `interval`.
  ///
  /// - Returns: whether a signal ended the wait.
  func wait(for time: Duration, interval: Duration?, _ body: () -> Void) -> Bool {
    let end = ContinuousClock.now + time
    while true {
      let rest = end - ContinuousClock.now
      guard rest > .zero else { return state.withLock(\.isRequested) }
      let part = interval.map { min($0, rest) } ?? rest
      let nanoseconds = Int(min(part, .seconds(86_400)) / .nanoseconds(1))
      if arrival.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success { return true }
      body()
    }
  }
}
