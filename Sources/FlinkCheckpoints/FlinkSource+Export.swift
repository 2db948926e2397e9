// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

extension FlinkSource {
  /// Gives `body` each entry of a checkpoint, without links, directories before what is in them.
  ///
  /// Every file is opened and compared with what was recorded, so an export is of a whole checkpoint.
  ///
  /// - Throws: SourceError when a file is missing or of another size; then the export is worth nothing.
  package func export(
    _ id: CheckpointID, _ body: (ExportedFile) throws -> Void
  ) throws {
    guard let entries = try entries(of: id) else {
      throw SourceError(.unavailable, "the checkpoint was dropped meanwhile; choose another")
    }
    // Sorted by path, a directory comes before what it holds.
    for record in entries.records.sorted(by: { $0.entry.path < $1.entry.path }) {
      guard let content = try content(of: record) else { continue }
      try body(ExportedFile(path: record.entry.path, content: content))
    }
  }

  private func content(of record: EntryRecord) throws(SourceError) -> ExportedFile.Content? {
    guard let content = record.entry.content else {
      return record.entry.kind == .directory ? .directory : nil
    }
    guard let opened = try open(content.digest) else {
      throw SourceError(
        .damaged, "'\(record.entry.path)' went while the checkpoint was read; choose another")
    }
    if let path = try wholeFile(content.digest) { return .file(path) }
    return .bytes(opened)
  }
}
