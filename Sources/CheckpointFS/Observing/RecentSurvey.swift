// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Synchronization

/// The survey made last, for as long as looking up, opening and reading a control file take.
///
/// Each of these makes the file's content. A survey of a store with half a million blobs takes about a second: it is
/// used for so long that surveys take no more than an eleventh of the time, however often somebody asks.
final class RecentSurvey: Sendable {
  /// For how long a survey is used at least, and for how many times as long as it took to make.
  static let leastAge: Duration = .milliseconds(200)
  static let ageForCost = 10

  private let latest = Mutex<(survey: StoreSurvey, end: ContinuousClock.Instant)?>(nil)

  /// Callable from any number of threads; what two make at once is one too many, and no harm.
  func survey(_ source: any Source) throws(SourceError) -> StoreSurvey {
    let start = ContinuousClock.now
    if let known = latest.withLock({ $0 }), start < known.end { return known.survey }
    let survey = try StoreSurvey(source)
    let now = ContinuousClock.now
    latest.withLock { $0 = (survey, now + max(Self.leastAge, (now - start) * Self.ageForCost)) }
    return survey
  }
}
