// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FlinkCheckpoints
import LinuxFiles
import SystemPackage

/// Two checkpoints of Flink's, to be compared.
struct FlinkComparison {
  /// State that is in `_metadata` is compared by its bytes up to here; Flink allows one mebibyte.
  private static let comparableSize: UInt64 = 16 << 20

  private let from: FlinkSelection
  private let to: FlinkSelection

  init(from: String, to: String, _ mappings: [PathMapping]) throws {
    guard let from = try FlinkSelection(from, mappings: mappings),
      let to = try FlinkSelection(to, mappings: mappings)
    else { throw Failure(.usage, "usage", "give both checkpoints as flink:JOB/chk-N") }
    self.from = from
    self.to = to
  }

  func difference() throws -> CheckpointDifference {
    CheckpointDifference(from: try entries(of: from), to: try entries(of: to))
  }

  private func entries(of selection: FlinkSelection) throws -> [Entry] {
    let (_, checkpoint) = try selection.requireCheckpoint()
    var entries: [Entry] = []
    var directories: [EntryPath?] = [nil]
    while let directory = directories.popLast() {
      for record in try selection.source.entries(
        of: checkpoint.id, in: directory, from: 0, limit: .max)
      {
        if record.entry.kind == .directory { directories.append(record.entry.path) }
        // Directories, links and what is made of _metadata tell no difference of their own.
        guard record.entry.content != nil,
          record.entry.path.text != FlinkSource.descriptionName
        else { continue }
        entries.append(try comparable(record.entry, selection.source))
      }
    }
    return entries
  }

  /// What has an inode of its own is named by its place in its checkpoint, which says nothing of its bytes.
  private func comparable(_ entry: Entry, _ source: FlinkSource) throws -> Entry {
    guard case .own(let content) = entry.kind, content.size <= Self.comparableSize,
      let file = try source.open(content.digest)
    else { return entry }
    var bytes = [UInt8](repeating: 0, count: Int(file.length))
    let count = try file.descriptor.fill(&bytes, at: UInt64(file.offset), path: "_metadata")
    let digest = Digest(hashing: Array(bytes.prefix(count)))
    return Entry(
      path: entry.path,
      kind: .own(Content(digest: digest, size: content.size, modified: content.modified)))
  }
}
