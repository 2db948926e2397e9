// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// The texts of reports as they were a moment ago, since making one walks the whole directory.
///
/// They stay for a second, or ten times as long as they took: so that whoever looks again and again keeps
/// the file system busy for a tenth of the time.
struct ReportCache {
  private struct Kept {
    let text: [UInt8]
    let end: ContinuousClock.Instant
  }

  static let shortest: Duration = .seconds(1)
  static let longest: Duration = .seconds(60)

  private var kept: [SourceReport: Kept] = [:]
  private var beingMade: Set<SourceReport> = []

  /// - Returns: `nil` when the caller is to make it, and to say what became of that. While one does, others
  ///   get the last text.
  mutating func text(of report: SourceReport, at now: ContinuousClock.Instant) -> [UInt8]? {
    if let known = kept[report], now < known.end || beingMade.contains(report) { return known.text }
    beingMade.insert(report)
    return nil
  }

  mutating func keep(
    _ text: [UInt8], of report: SourceReport, madeFrom start: ContinuousClock.Instant,
    to end: ContinuousClock.Instant
  ) {
    let pause = min(max(Self.shortest, (end - start) * 10), Self.longest)
    kept[report] = Kept(text: text, end: end + pause)
    beingMade.remove(report)
  }

  mutating func giveUp(_ report: SourceReport) { beingMade.remove(report) }
}
