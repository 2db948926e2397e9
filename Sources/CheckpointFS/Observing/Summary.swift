// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Fuse

/// A ``MountReport`` in one line, for people.
struct Summary: CustomStringConvertible {
  let description: String

  init(_ report: MountReport) {
    let parts = [
      Self.requests(report.counters), Self.reading(report), Self.changes(report),
      Self.faults(report.faults), Self.source(report.survey),
    ]
    description = "statistics: " + parts.joined(separator: "; ")
  }

  private static func requests(_ counters: SessionCounters) -> String {
    let counts = Operation.allCases.map { ($0, counters.requests($0)) }
    let total = counts.reduce(0) { $0 + $1.1.total }
    func sum(_ outcome: Outcome) -> UInt64 { counts.reduce(0) { $0 + $1.1[outcome] } }
    let each = counts.filter { $0.1.total > 0 }.sorted { $0.1.total > $1.1.total }
      .map { "\($0.0) \($0.1.total)" }.joined(separator: ", ")
    return "\(total) requests (\(each)), of which \(sum(.notFound)) found nothing, "
      + "\(sum(.refused)) were refused and \(sum(.failure)) failed"
  }

  private static func reading(_ report: MountReport) -> String {
    let counters = report.counters
    return "\(counters.opens(.passthrough)) files opened for the kernel to read, "
      + "\(counters.opens(.cached)) to be read through this process, \(report.openFiles) open now, "
      + "\(counters.readBytes) bytes served"
  }

  private static func changes(_ report: MountReport) -> String {
    let sent = InvalidationKind.allCases.reduce(0) { $0 + report.counters.invalidations($1) }
    return "\(sent) invalidations sent, "
      + (report.isFollowing ? "the kernel is told of changes" : "the kernel has to ask for changes")
  }

  private static func faults(_ faults: FaultRecord) -> String {
    guard let last = faults.last else { return "no faults" }
    return "\(faults.total) faults, the last at \(last.time.rfc3339): \(last.message)"
  }

  private static func source(_ survey: Result<StoreSurvey, SourceError>) -> String {
    switch survey {
    case .failure(let error): return "the source cannot be read: \(error.message)"
    case .success(let survey):
      var text = "\(survey.histories) histories"
      if let sizes = survey.sizes {
        text +=
          ", \(sizes.checkpoints) checkpoints, \(sizes.blobBytes) bytes in \(sizes.blobs) blobs"
      }
      if let newest = survey.newest {
        text += ", the newest is \(newest.checkpoint) of \(newest.completed.rfc3339)"
      }
      return text
    }
  }
}
