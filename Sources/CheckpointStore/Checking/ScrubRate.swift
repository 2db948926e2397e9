// SPDX-License-Identifier: Apache-2.0

/// How much of a store is read in a time: `1%/day`.
public struct ScrubRate: Hashable, Sendable, CustomStringConvertible {
  /// Of all bytes, in a second.
  private let fraction: Double
  public let description: String

  private static let units: [String: Double] = [
    "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000,
  ]

  /// - Returns: `nil` unless `text` is a number above 0, `%/` and hour, day, week or month (30 days).
  public init?(_ text: String) {
    let parts = text.split(separator: "%/", omittingEmptySubsequences: false)
    guard parts.count == 2, let percent = Double(parts[0]), percent > 0, percent <= 1_000_000,
      parts[0].allSatisfy({ $0.isNumber || $0 == "." }), let seconds = Self.units[String(parts[1])]
    else { return nil }
    fraction = percent / 100 / seconds
    description = text
  }

  /// How long to wait after so many bytes of `total` were read; where nothing was there to read, until there may be.
  public func pause(afterReading bytes: Int64, of total: Int64) -> Duration {
    guard total > 0, bytes > 0 else { return .seconds(600) }
    let seconds = min(Double(bytes) / (Double(total) * fraction), 1e9)
    return .milliseconds(Int64((seconds * 1000).rounded()))
  }

  /// The bytes that are due in that time, at least 1.
  func bytes(in time: Duration, of total: Int64) -> Int64 {
    let due = Double(total) * fraction * (time / .seconds(1))
    return max(1, Int64(min(due, 1e15)))
  }
}
