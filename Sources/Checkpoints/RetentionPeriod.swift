// SPDX-License-Identifier: Apache-2.0

/// A stretch of the calendar in UTC, of each of which one checkpoint may be kept.
///
/// UTC, as everywhere in a store: so what is kept depends neither on the machine that asks nor on summer time.
public enum RetentionPeriod: String, Hashable, Sendable, CaseIterable {
  case hourly
  case daily
  /// From Monday to Sunday (ISO 8601).
  case weekly
  case monthly

  /// The name of the one that `time` is in: `2026-11-20T14`, `2026-11-20`, `2026-W47`, `2026-11`.
  func name(of time: Timestamp) -> String {
    let civil = CivilTime(time)
    switch self {
    case .hourly: return String(civil.rfc3339.dropLast(7))
    case .daily: return civil.date
    case .weekly: return Self.week(of: time)
    case .monthly: return String(civil.date.dropLast(3))
    }
  }

  /// The week belongs to the year that its Thursday is in.
  private static func week(of time: Timestamp) -> String {
    let seconds = time.parts.seconds
    let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    // 1970-01-01 was a Thursday.
    let weekday = ((day + 3) % 7 + 7) % 7
    let thursday = day - weekday + 3
    let year = CivilTime(Timestamp(seconds: thursday * 86_400, nanoseconds: 0)).year
    let week = (thursday - firstDay(of: year)) / 7 + 1
    return "\(year)-W\(week < 10 ? "0" : "")\(week)"
  }

  /// In days since 1970-01-01.
  private static func firstDay(of year: Int64) -> Int64 {
    let before = year - 1
    return 365 * (year - 1970) + before / 4 - before / 100 + before / 400 - 477
  }
}
