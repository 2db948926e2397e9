// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import LinuxFiles

extension FlinkSource {
  package var contentNaming: ContentNaming { .place }

  package func histories(
    after id: HistoryID?, limit: Int
  ) throws(SourceError) -> [HistoryRecord] {
    let all = try current().histories
    return Array(all.lazy.filter { record in id.map { record.id > $0 } ?? true }.prefix(limit))
  }

  package func history(named name: HistoryName) throws(SourceError) -> HistoryRecord? {
    try current().histories.first { $0.name == name }
  }

  package func history(_ id: HistoryID) throws(SourceError) -> HistoryRecord? {
    try current().histories.first { $0.id == id }
  }

  package func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(SourceError) -> [CheckpointRecord] {
    let all = try current().checkpoints[history] ?? []
    let start = number.map { number in all.partition { $0.record.number > number } } ?? 0
    return all[start...].prefix(limit).map(\.record)
  }

  package func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord? {
    let all = try current().checkpoints[history] ?? []
    let place = all.partition { $0.record.number >= number }
    guard place < all.count, all[place].record.number == number else { return nil }
    return all[place].record
  }

  package func checkpoint(_ id: CheckpointID) throws(SourceError) -> CheckpointRecord? {
    try current().checkpoint(id)?.record
  }

  package func latestCheckpoint(of history: HistoryID) throws(SourceError) -> CheckpointRecord? {
    try current().checkpoints[history]?.last?.record
  }

  package func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(SourceError) -> [TagRecord] { [] }

  package func tag(
    named name: TagName, of history: HistoryID
  ) throws(SourceError) -> TagRecord? { nil }

  package func tag(_ id: TagID) throws(SourceError) -> TagRecord? { nil }

  package func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(SourceError) -> [EntryRecord] {
    guard let entries = try entries(of: checkpoint) else { return [] }
    let files = try current().files
    return entries.portion(in: directory, from: ordinal, limit: limit).map { $0.counted(by: files) }
  }

  package func entry(
    at path: EntryPath, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try entries(of: checkpoint)?[path]?.counted(by: current().files)
  }

  package func entry(
    _ ordinal: Int, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try entries(of: checkpoint)?[ordinal]?.counted(by: current().files)
  }

  package func sharedFile(_ inode: SharedInode) throws(SourceError) -> SharedFileRecord? {
    let index = try current()
    guard let place = index.files.index(of: inode) else { return nil }
    let file = index.files.records[place]
    guard file.references > 0 else { return nil }
    return SharedFileRecord(
      content: file.content, owner: file.owner ?? Ownership(user: 0, group: 0),
      references: file.references)
  }

  package func capacity() throws(SourceError) -> Capacity {
    do throws(FileError) {
      let status = try FileSystemStatus(at: root)
      return Capacity(
        blockSize: status.blockSize, blocks: status.blocks, freeBlocks: status.freeBlocks,
        availableBlocks: status.availableBlocks, files: status.files,
        freeFiles: status.freeFiles)
    } catch {
      throw SourceError(.unavailable, error.description, cause: error)
    }
  }
}

extension EntryRecord {
  /// With how many checkpoints use the file now: a tree that is kept knows only how many did.
  fileprivate func counted(by files: FileTable) -> EntryRecord {
    guard case .shared(let content) = entry.kind,
      let index = files.index(of: SharedInode(content.digest))
    else { return self }
    return EntryRecord(
      ordinal: ordinal, entry: entry, owner: owner, references: files.records[index].references)
  }
}

extension [FlinkCheckpoint] {
  /// The index of the first that `belongsAfter`, by binary search.
  fileprivate func partition(belongsAfter: (FlinkCheckpoint) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
