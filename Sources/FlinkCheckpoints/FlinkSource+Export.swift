// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

extension FlinkSource {
  /// Gives `body` each file of a checkpoint, after the directories that hold it. Links are left out.
  ///
  /// Every file is opened and compared with what was recorded, so an export is of a whole checkpoint.
  ///
  /// - Throws: ``SourceError`` when a file is missing or of another size; then the export is worth nothing.
  package func export(
    _ id: CheckpointID, _ body: (ExportedFile) throws -> Void
  ) throws {
    guard let entries = try entries(of: id) else {
      throw SourceError(.unavailable, "the checkpoint was dropped meanwhile; choose another")
    }
    var directories: Set<EntryPath> = []
    for record in entries.records {
      guard let content = record.entry.content else { continue }
      for directory in record.entry.path.ancestors where directories.insert(directory).inserted {
        try body(ExportedFile(path: directory, content: .directory))
      }
      try body(
        ExportedFile(path: record.entry.path, content: try self.content(of: record, content)))
    }
  }

  private func content(
    of record: EntryRecord, _ content: Content
  ) throws(SourceError) -> ExportedFile.Content {
    guard let opened = try open(content.digest) else {
      throw SourceError(
        .damaged, "'\(record.entry.path)' went while the checkpoint was read; choose another")
    }
    if let path = try wholeFile(content.digest) { return .file(path) }
    return .bytes(opened)
  }
}

extension EntryPath {
  /// The directories above, the uppermost first.
  fileprivate var ancestors: [EntryPath] {
    var ancestors: [EntryPath] = []
    var parent = parent
    while let directory = parent {
      ancestors.insert(directory, at: 0)
      parent = directory.parent
    }
    return ancestors
  }
}
