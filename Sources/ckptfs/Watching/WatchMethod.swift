// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Snapshots
import SystemPackage

/// How a watch takes a snapshot of its database.
enum WatchMethod {
  /// While no process has it open; else it waits.
  case closed

  func take(
    _ database: FilePath, to history: HistoryName, in store: Store, _ options: CommitOptions,
    _ progress: @escaping ProgressHandler
  ) throws -> CommitReport {
    switch self {
    case .closed:
      try store.snapshot(
        ofClosedDatabase: database, to: history, options: options, progress: progress)
    }
  }
}
