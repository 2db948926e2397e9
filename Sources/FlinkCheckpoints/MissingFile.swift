// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import FlinkMetadata

/// A file that a checkpoint needs and that is not as it was recorded.
package struct MissingFile: Hashable, Sendable {
  package let history: HistoryName
  package let number: CheckpointNumber
  /// `nil` for state of the job's master.
  package let operatorID: OperatorID?
  /// `nil` for what belongs to no single subtask.
  package let subtask: Int32?
  /// What it is: `000012.sst`, `managed-operator`.
  package let part: String
  /// As Flink recorded it.
  package let path: String
  /// One clause.
  package let reason: String

  /// Where the mount shows it, as far as it is known.
  package var place: String {
    var place = "\(history)/\(number.directoryName)"
    if let operatorID { place += "/\(operatorID)" }
    if let subtask { place += "/\(subtask)" }
    return place
  }
}
