// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata

/// The tree of one checkpoint, in the order that `EntryRecord` demands.
struct FlinkEntries {
  /// Where the bytes of a file with an inode of its own are.
  enum OwnContent: Hashable {
    case metadata(MetadataRange)
    /// The whole `_metadata`.
    case wholeMetadata
    /// `metadata.json`, made when it is opened.
    case description
  }

  let records: [EntryRecord]
  /// By ordinal.
  let own: [Int: OwnContent]
  private let ordinals: [EntryPath: Int]
  private let directories: [EntryPath?: [Int]]

  init(records: [EntryRecord], own: [Int: OwnContent]) {
    self.records = records
    self.own = own
    ordinals = Dictionary(uniqueKeysWithValues: records.map { ($0.entry.path, $0.ordinal) })
    directories = Dictionary(grouping: records.indices) { records[$0].entry.path.parent }
  }

  subscript(path: EntryPath) -> EntryRecord? { ordinals[path].map { records[$0] } }

  subscript(ordinal: Int) -> EntryRecord? {
    records.indices.contains(ordinal) ? records[ordinal] : nil
  }

  func portion(
    in directory: EntryPath?, from ordinal: Int, limit: Int
  ) -> ArraySlice<EntryRecord> {
    guard let all = directories[directory] else { return [] }
    // Ordinals ascend within a directory.
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle] < ordinal { low = middle + 1 } else { high = middle }
    }
    return all[low...].prefix(limit).map { records[$0] }[...]
  }
}
