// SPDX-License-Identifier: Apache-2.0

/// How many durations lie in each of a few ranges.
package struct DurationHistogram: Hashable, Sendable {
  /// The greatest durations of all ranges but the last, which has none.
  ///
  /// A record from the page cache takes tens of microseconds, a disk some milliseconds; what takes longer than
  /// a second is stuck.
  package static let bounds: [Duration] = nanosecondBounds.map { .nanoseconds(Int64($0)) }

  private static let nanosecondBounds: [UInt64] = [
    10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000, 25_000_000,
    100_000_000, 1_000_000_000, 10_000_000_000,
  ]

  /// As many as there are bounds, and one more.
  package internal(set) var counts = [UInt64](repeating: 0, count: nanosecondBounds.count + 1)
  package internal(set) var sum: Duration = .zero

  static func bucket(nanoseconds: UInt64) -> Int {
    nanosecondBounds.firstIndex { nanoseconds <= $0 } ?? nanosecondBounds.count
  }
}
