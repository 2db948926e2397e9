// SPDX-License-Identifier: Apache-2.0

/// A point in time as a date and a time of day in UTC, to the second.
///
/// The calendar arithmetic is that of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
public struct CivilTime: Hashable, Sendable {
  public let year: Int64
  public let month: Int64
  public let day: Int64
  public let hour: Int64
  public let minute: Int64
  public let second: Int64

  public init(_ timestamp: Timestamp) {
    let seconds = timestamp.parts.seconds
    let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    let rest = seconds - days * 86_400
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// `2026-11-22T101500Z`, fit for a file name.
  public var compact: String {
    "\(date)T\(padded(hour))\(padded(minute))\(padded(second))Z"
  }

  /// `2026-11-22T10:15:00Z` (RFC 3339).
  public var rfc3339: String {
    "\(date)T\(padded(hour)):\(padded(minute)):\(padded(second))Z"
  }

  /// `2026-11-22`.
  public var date: String { "\(padded(year, to: 4))-\(padded(month))-\(padded(day))" }
}

private func padded(_ number: Int64, to width: Int = 2) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
