// SPDX-License-Identifier: Apache-2.0

import Dispatch
import FlinkMetadata
import Synchronization
import SystemPackage

/// What a `_metadata` tells for a summary, before its files have numbers: it needs nothing but the file, so
/// that several can be read at a time.
struct CheckpointDraft: Sendable {
  let version: MetadataVersion
  /// Flink's number, which checkpoints and savepoints share.
  let checkpoint: Int64
  let properties: CheckpointProperties?
  /// As often as the file has them.
  let references: [FileTable.Reference]
  let parts: Int64
  let inlineBytes: UInt64
  let referencedCheckpoints: Set<Int64>

  init(reading directory: FilePath) throws(MetadataError) {
    var reader = try MetadataReader(MetadataFile(directory.appending(MetadataFile.name)))
    var references: [FileTable.Reference] = []
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
        case .file(let reference): references.append(reference)
        case .metadata(let range): inlineBytes += range.count
        case .empty: break
        }
      }
    }
    version = reader.version
    checkpoint = reader.checkpoint
    self.references = references
    self.parts = parts
    self.inlineBytes = inlineBytes
    referencedCheckpoints = referenced
  }

  /// The drafts of several directories, in their order, made by as many threads as there are processors.
  static func reading(
    _ directories: [FilePath]
  ) -> [Result<CheckpointDraft, MetadataError>] {
    let found = Mutex(
      [Result<CheckpointDraft, MetadataError>?](repeating: nil, count: directories.count))
    DispatchQueue.concurrentPerform(iterations: directories.count) { index in
      let result = Self.result(of: directories[index])
      found.withLock { $0[index] = result }
    }
    return found.withLock { $0.compactMap(\.self) }
  }

  private static func result(
    of directory: FilePath
  ) -> Result<CheckpointDraft, MetadataError> {
    do throws(MetadataError) {
      return .success(try CheckpointDraft(reading: directory))
    } catch {
      return .failure(error)
    }
  }
}
