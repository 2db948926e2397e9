// SPDX-License-Identifier: Apache-2.0

/// When a watch takes its next snapshot, and what it says of the last one.
///
/// Pure: whoever watches measures the time, waits and speaks.
public struct WatchPlan: Sendable {
  /// What came of a snapshot.
  public enum Outcome: Hashable, Sendable {
    case taken
    /// The database is as the last checkpoint has it.
    case unchanged
    /// Not now; `code` tells kinds of failures apart.
    case failed(code: String)
  }

  /// The first wait after a failure, doubled with each further one.
  private static let firstRetry = Duration.seconds(5)
  private static let longestRetry = Duration.seconds(600)

  /// From the beginning of a snapshot to the beginning of the next.
  public let period: Duration
  private var last: Outcome?
  private var failures = 0

  public init(every period: Duration) {
    self.period = period
  }

  /// Takes note of an outcome.
  ///
  /// - Returns: whether to tell of it: of each checkpoint, and of anything else when it is not as the last time.
  public mutating func note(_ outcome: Outcome) -> Bool {
    defer { last = outcome }
    if case .failed = outcome { failures += 1 } else { failures = 0 }
    return outcome == .taken || outcome != last
  }

  /// How long to wait before the next snapshot.
  ///
  /// After a failure it is tried again soon, then ever less often, but at least once in a period. A snapshot that took
  /// longer than a period leaves out those that it missed.
  ///
  /// - Parameter elapsed: since the last one began.
  public func pause(after elapsed: Duration) -> Duration {
    if failures > 0 {
      let doubled = Self.firstRetry * (1 << min(failures - 1, 10))
      return min(period, doubled, Self.longestRetry)
    }
    let missed = Int64(elapsed / period)
    return period * (missed + 1) - elapsed
  }
}
