// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Synchronization

/// The survey made last, for as long as looking up, opening and reading a control file take.
///
/// Each of these makes the file's content, of a store with millions of blobs a matter of seconds.
final class RecentSurvey: Sendable {
  static let greatestAge: Duration = .milliseconds(200)

  private let latest = Mutex<(survey: StoreSurvey, made: ContinuousClock.Instant)?>(nil)

  /// Callable from any number of threads; what two make at once is one too many, and no harm.
  func survey(_ source: any Source) throws(SourceError) -> StoreSurvey {
    if let known = latest.withLock({ $0 }), known.made + Self.greatestAge > .now {
      return known.survey
    }
    let survey = try StoreSurvey(source)
    latest.withLock { $0 = (survey, .now) }
    return survey
  }
}
