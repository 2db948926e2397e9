// SPDX-License-Identifier: Apache-2.0

package import FlinkMetadata

/// What a person wants to know of a checkpoint: its operators and how large their state is.
package struct CheckpointOverview: Sendable {
  package struct Operator: Sendable {
    package let header: OperatorHeader
    package internal(set) var subtasks: [Subtask] = []
    /// Of keyed state, as RocksDB's column families are called, and of operator state; sorted.
    package internal(set) var stateNames: [String] = []
  }

  package struct Subtask: Sendable {
    package let index: Int32
    /// It had ended when the checkpoint was taken.
    package let isFinished: Bool
    /// `nil` without keyed state.
    package let keyGroups: KeyGroupRange?
    /// The sizes of all its parts, in bytes.
    package let fullBytes: UInt64
    /// How many of them this checkpoint wrote, where Flink says so.
    package let newBytes: UInt64?
  }

  package let version: MetadataVersion
  /// Flink's number.
  package let checkpoint: Int64
  package let properties: CheckpointProperties?
  package let operators: [Operator]
}
