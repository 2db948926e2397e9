// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

/// What is remembered of a checkpoint: enough to list it and to count whom its files serve.
struct CheckpointSummary {
  let version: MetadataVersion
  /// Flink's number, which checkpoints and savepoints share.
  let checkpoint: Int64
  let properties: CheckpointProperties?
  /// Of the file table, each once.
  let files: [Int32]
  /// How many files its directory shows, without those of the mount itself.
  let parts: Int64
  /// In `_metadata`, in bytes.
  let inlineBytes: UInt64
  /// Older checkpoints whose files some subtasks still use.
  let referencedCheckpoints: Set<Int64>

  init(_ draft: CheckpointDraft, files table: inout FileTable) {
    version = draft.version
    checkpoint = draft.checkpoint
    properties = draft.properties
    files = Set(draft.references.map { Int32(table.insert($0)) }).sorted()
    parts = draft.parts
    inlineBytes = draft.inlineBytes
    referencedCheckpoints = draft.referencedCheckpoints
  }
}
