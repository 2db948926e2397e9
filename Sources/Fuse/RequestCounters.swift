// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Counts the requests of one kind by outcome and duration, from any number of threads.
///
/// Two additions that no thread waits for: one request is counted in one place, from which both its outcome and
/// its duration are told. An object for each kind keeps busy kinds out of each other's cache lines.
final class RequestCounters: Sendable {
  /// For each ``Outcome`` as many as there are buckets.
  private let counts = InlineArray<56, Atomic<UInt64>> { _ in Atomic(0) }
  private let nanoseconds = Atomic<UInt64>(0)

  init() {
    precondition(
      counts.count == Outcome.allCases.count * (DurationHistogram.bounds.count + 1),
      "each outcome has its buckets, and one for what is longer than all bounds")
  }

  func note(_ outcome: Outcome, nanoseconds duration: UInt64) {
    let bucket = DurationHistogram.bucket(nanoseconds: duration)
    counts[index(outcome, bucket)].wrappingAdd(1, ordering: .relaxed)
    nanoseconds.wrappingAdd(duration, ordering: .relaxed)
  }

  /// What was counted until now. Requests that end meanwhile are in it as a whole or not at all, but for the sum
  /// of durations, which may be a few requests ahead or behind.
  var snapshot: RequestCounts {
    var result = RequestCounts()
    result.durations.sum = .nanoseconds(Int64(clamping: nanoseconds.load(ordering: .relaxed)))
    for outcome in Outcome.allCases {
      for bucket in result.durations.counts.indices {
        let count = counts[index(outcome, bucket)].load(ordering: .relaxed)
        result[outcome] += count
        result.durations.counts[bucket] += count
      }
    }
    return result
  }

  private func index(_ outcome: Outcome, _ bucket: Int) -> Int {
    outcome.rawValue * (DurationHistogram.bounds.count + 1) + bucket
  }
}
