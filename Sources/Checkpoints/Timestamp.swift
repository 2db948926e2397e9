// SPDX-License-Identifier: Apache-2.0

/// A point in time: nanoseconds since 1970-01-01 00:00 UTC.
public struct Timestamp: Hashable, Sendable, Comparable {
  public let nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public init(seconds: Int64, nanoseconds: Int64) {
    self.nanoseconds =
      seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
      &+ nanoseconds
  }

  /// Whole seconds, rounded down, and the nanoseconds above them (0–999,999,999).
  public var parts: (seconds: Int64, nanoseconds: Int64) {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return remainder < 0 ? (quotient - 1, remainder + 1_000_000_000) : (quotient, remainder)
  }

  /// `2026-11-22T10:15:00.000000500Z`: to the nanosecond, since completions are ordered by it.
  public var rfc3339: String {
    let digits = String(parts.nanoseconds)
    let fraction = String(repeating: "0", count: 9 - digits.count) + digits
    return "\(CivilTime(self).rfc3339.dropLast()).\(fraction)Z"
  }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
}
