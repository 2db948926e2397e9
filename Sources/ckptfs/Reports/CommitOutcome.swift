// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Snapshots

/// What taking a checkpoint came to.
struct CommitOutcome: Report {
  let history: String
  let number: Int64
  let files: Int64
  let newFiles: Int64
  let keptFiles: Int64
  let fullBytes: Int64
  let newBytes: Int64
  let durationSeconds: Double
  let existing: Bool
  /// The tag that was given to it now.
  let tag: String?
  let skipped: [PathListing]
  let warnings: [String]

  init(_ report: CommitReport) {
    history = report.history.rawValue
    number = report.number.rawValue
    files = report.files
    newFiles = report.newFiles
    keptFiles = report.keptFiles
    fullBytes = report.fullBytes
    newBytes = report.newBytes
    durationSeconds = report.duration / .seconds(1)
    existing = report.isExisting
    tag = report.newTag?.rawValue
    skipped = report.skipped.map(PathListing.init)
    warnings = report.warnings
  }

  var deed: String? {
    let deeds =
      (existing ? [] : ["committed"]) + (tag.map { ["tagged as \(history)/tags/\($0)"] } ?? [])
    guard !deeds.isEmpty else { return nil }
    return "\(history)/chk-\(number) was \(deeds.joined(separator: " and "))"
  }

  var lines: [String] {
    let name = "\(history)/chk-\(number)"
    let notes =
      (tag.map { ["tagged \(name) as \(history)/tags/\($0)"] } ?? [])
      + (skipped.isEmpty ? [] : ["left out, since no checkpoint needs them: \(list(skipped))"])
      + warnings.map { "warning: \($0)" }
    if existing {
      let there = "\(name) is there already, with the same content"
      return [tag == nil ? "\(there); nothing was changed" : there] + notes
    }
    return [
      "committed \(name): \(Quantities.count(files, "file")), \(Quantities.bytes(fullBytes)); "
        + "\(newFiles) new, \(Quantities.bytes(newBytes)); \(keptFiles) kept; "
        + "\(Quantities.decimal(durationSeconds, digits: 2)) s"
    ] + notes
  }

  private func list(_ paths: [PathListing]) -> String {
    let rest = paths.count - 5
    return paths.prefix(5).map(\.description).joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }
}
