// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// A node of `.ckptfs`, the directory that tells of the mount and of what its tree cannot show.
package enum ControlNode: Hashable, Sendable {
  /// `.ckptfs` itself: looked up, but not listed, like `.zfs`.
  case directory
  /// `status.json`
  case status
  /// `metrics`
  case metrics
  /// The directory `checkpoints`.
  case histories
  /// A directory in `checkpoints`, named as the history.
  case history(HistoryID)
  /// `chk-N.json` in it.
  case checkpoint(CheckpointID)
  /// What only this kind of source can tell, named as it.
  case report(SourceReport)

  package var isFile: Bool {
    switch self {
    case .status, .metrics, .checkpoint, .report: true
    case .directory, .histories, .history: false
    }
  }
}
