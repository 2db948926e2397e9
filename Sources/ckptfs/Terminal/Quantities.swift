// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// How numbers of bytes, times and counts are written for a reader.
enum Quantities {
  /// `17 B`, `4.0 KiB`, `1.3 GiB`.
  static func bytes(_ count: Int64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    guard count >= 1024 else { return "\(count) B" }
    var value = Double(count) / 1024
    var unit = 0
    // What would be rounded to 1024.0 is 1.0 of the next unit.
    while value >= 1023.95, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(decimal(value, digits: 1)) \(units[unit])"
  }

  static func bytes(_ count: UInt64) -> String { bytes(Int64(clamping: count)) }

  /// `1 file`, `12 files`.
  static func count(_ count: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String
  {
    "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
  }

  /// `0.34 s`, `2 min 5 s`, `3 h 2 min`.
  static func duration(_ duration: Duration) -> String {
    let seconds =
      Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    if seconds < 60 { return "\(decimal(seconds, digits: 2)) s" }
    let whole = Int64(seconds)
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  /// How long ago something was, in its largest unit: `42 s`, `5 min`, `3 h`, `12 d`.
  static func age(of time: Timestamp, at now: Timestamp) -> String {
    roughly(seconds: max(0, (now.nanoseconds - time.nanoseconds) / 1_000_000_000))
  }

  static func roughly(seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<86_400: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }

  static func time(_ time: Timestamp) -> String { CivilTime(time).rfc3339 }

  static func decimal(_ value: Double, digits: Int) -> String {
    let scale = digits == 1 ? 10 : 100
    let scaled = Int64((value * Double(scale)).rounded())
    let fraction = String(scaled % Int64(scale))
    return "\(scaled / Int64(scale))."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
