// SPDX-License-Identifier: Apache-2.0

/// A whole `_metadata`, in memory. MetadataReader gives the same one subtask at a time.
package struct CheckpointMetadata: Hashable, Sendable {
  package let version: MetadataVersion
  /// Checkpoints and savepoints of a job are numbered together.
  package let checkpoint: Int64
  package let masterStates: [MasterState]
  package let operators: [OperatorState]
  package let properties: CheckpointProperties?

  package init(reading bytes: any MetadataBytes) throws(MetadataError) {
    var reader = try MetadataReader(bytes)
    var operators: [OperatorState] = []
    while let header = try reader.nextOperator() {
      var subtasks: [Subtask] = []
      while let subtask = try reader.nextSubtask() { subtasks.append(subtask) }
      operators.append(OperatorState(header: header, subtasks: subtasks))
    }
    properties = try reader.finish()
    version = reader.version
    checkpoint = reader.checkpoint
    masterStates = reader.masterStates
    self.operators = operators
  }
}
