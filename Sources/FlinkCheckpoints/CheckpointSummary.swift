// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import SystemPackage

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

  init(reading file: MetadataFile, in directory: FilePath, files table: inout FileTable)
    throws(MetadataError)
  {
    var reader = try MetadataReader(file)
    var files: Set<Int32> = []
    var parts: Int64 = 0
    var inlineBytes: UInt64 = 0
    var referenced: Set<Int64> = []
    properties = try reader.forEachItem { item in
      switch item {
      case .operatorHeader: break
      case .reference(let checkpoint): referenced.insert(checkpoint)
      case .part(let part):
        parts += 1
        switch PartContent(part, in: directory) {
        case .file(let reference): files.insert(Int32(table.insert(reference)))
        case .metadata(let range): inlineBytes += range.count
        case .empty: break
        }
      }
    }
    version = reader.version
    checkpoint = reader.checkpoint
    self.files = files.sorted()
    self.parts = parts
    self.inlineBytes = inlineBytes
    referencedCheckpoints = referenced
  }
}
