// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Snapshots

/// What committing a shard came to.
struct ShardOutcome: Report {
  let history: String
  let number: Int64
  let shard: String
  let files: Int64
  let newFiles: Int64
  let keptFiles: Int64
  let fullBytes: Int64
  let newBytes: Int64
  let durationSeconds: Double
  let existing: Bool
  /// Whether the whole checkpoint is there by now.
  let completed: Bool
  /// The shards that it waits for.
  let missing: [String]
  let skipped: [PathListing]
  let warnings: [String]

  init(_ report: ShardReport) {
    history = report.checkpoint.history.rawValue
    number = report.checkpoint.number.rawValue
    shard = report.shard.rawValue
    files = report.files
    newFiles = report.newFiles
    keptFiles = report.files - report.newFiles
    fullBytes = report.fullBytes
    newBytes = report.newBytes
    durationSeconds = report.duration / .seconds(1)
    existing = report.isExisting
    skipped = report.skipped.map(PathListing.init)
    warnings = report.warnings
    switch report.state {
    case .pending(let pending):
      completed = false
      missing = pending.missing.map(\.rawValue)
    case .completed:
      completed = true
      missing = []
    }
  }

  var deed: String? {
    existing ? nil : "shard \(shard) of \(history)/chk-\(number) was committed"
  }

  var lines: [String] {
    let name = "\(history)/chk-\(number)"
    let committed =
      existing
      ? "shard \(shard) of \(name) is there already, with the same content; nothing was changed"
      : "committed shard \(shard) of \(name): \(Quantities.count(files, "file")), "
        + "\(Quantities.bytes(fullBytes)); \(newFiles) new, \(Quantities.bytes(newBytes)); "
        + "\(keptFiles) kept; \(Quantities.decimal(durationSeconds, digits: 2)) s"
    let state =
      completed
      ? "\(name) is complete" : "\(name) waits for \(PendingShards.few(of: missing))"
    return [committed, state] + warnings.map { "warning: \($0)" }
  }
}
