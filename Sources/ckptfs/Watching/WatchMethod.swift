// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Snapshots
import SystemPackage

/// How a watch takes a snapshot of its database.
enum WatchMethod {
  /// While no process has it open; else it waits.
  case closed
  /// While another process writes it; see `Store.snapshot(ofLiveDatabase:…)` for the directory.
  case live(workingDirectory: FilePath?)

  /// What is taken for granted, each a sentence.
  var assumptions: [String] {
    switch self {
    case .closed: []
    case .live: LiveSnapshotReport.assumptions
    }
  }

  /// A look that tells without a snapshot whether the database has changed; `nil` where taking one is as cheap.
  func look(at database: FilePath, in store: Store) throws -> LiveDatabaseLook? {
    switch self {
    case .closed: nil
    case .live: try store.look(atLiveDatabase: database)
    }
  }

  /// - Returns: the report, and what else to tell of the checkpoint, each on a line.
  func take(
    _ database: FilePath, to history: HistoryName, in store: Store, _ options: CommitOptions,
    _ progress: @escaping ProgressHandler
  ) throws -> (report: CommitReport, notes: [String]) {
    switch self {
    case .closed:
      let report = try store.snapshot(
        ofClosedDatabase: database, to: history, options: options, progress: progress)
      return (report, [])
    case .live(let directory):
      let report = try store.snapshot(
        ofLiveDatabase: database, to: history, options: options, workingDirectory: directory,
        progress: progress)
      return (report.commit, report.notVerified.map { ["not verified: \($0)"] } ?? [])
    }
  }
}
