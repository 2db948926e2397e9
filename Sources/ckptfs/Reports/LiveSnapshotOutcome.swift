// SPDX-License-Identifier: Apache-2.0

import Snapshots

/// What taking a snapshot of a live database came to: what ``CommitOutcome`` says, and what was verified.
struct LiveSnapshotOutcome: Report {
  private let commit: CommitOutcome
  private let details: Details

  private struct Details: Encodable {
    let live = true
    let tries: Int
    let setbacks: [String]
    let lastSequence: UInt64
    let logs: Int
    let logBytes: UInt64
    let verified: Bool
    let notVerified: String?
    let leftOut: [String]
    let assumptions: [String]

    enum CodingKeys: CodingKey {
      case live, tries, setbacks, lastSequence, logs, logBytes, verified, notVerified, leftOut,
        assumptions
    }
  }

  init(_ report: LiveSnapshotReport) {
    commit = CommitOutcome(report.commit)
    details = Details(
      tries: report.tries, setbacks: report.setbacks, lastSequence: report.lastSequence,
      logs: report.logs,
      logBytes: report.logBytes, verified: report.notVerified == nil,
      notVerified: report.notVerified, leftOut: report.leftOut,
      assumptions: LiveSnapshotReport.assumptions)
  }

  /// Both are one object in JSON.
  func encode(to encoder: any Encoder) throws {
    try commit.encode(to: encoder)
    try details.encode(to: encoder)
  }

  var deed: String? { commit.deed }

  var lines: [String] {
    let verdict =
      details.notVerified.map { "not verified: \($0)" }
      ?? "verified: it opens, and replays its logs up to sequence number \(details.lastSequence)"
    let others = details.leftOut.prefix(5).joined(separator: ", ")
    let rest = details.leftOut.count > 5 ? " and \(details.leftOut.count - 5) more" : ""
    return commit.lines + [
      "\(verdict); \(Quantities.count(Int64(details.logs), "log")) of "
        + "\(Quantities.bytes(Int64(clamping: details.logBytes))), \(tries)"
    ] + (details.leftOut.isEmpty ? [] : ["left out, not being RocksDB's: \(others)\(rest)"])
      + details.assumptions.map { "assumed: \($0)" }
  }

  private var tries: String {
    guard let last = details.setbacks.last else { return "at the first try" }
    return "at try \(details.tries), the one before came to nothing since \(last)"
  }
}
