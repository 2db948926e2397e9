// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// What a ``MemorySource`` holds at one moment.
struct MemoryState {
  struct History {
    var record: HistoryRecord
    /// By number.
    var checkpoints: [CheckpointRecord] = []
  }

  struct Checkpoint {
    let record: CheckpointRecord
    let entries: MemoryEntries
  }

  struct Place {
    /// In bytes.
    let offset: Int64
    /// In bytes.
    let length: Int
  }

  var isAvailable = true
  var histories: [HistoryID: History] = [:]
  var checkpoints: [CheckpointID: Checkpoint] = [:]
  var tags: [TagID: TagRecord] = [:]
  var sharedFiles: [SharedInode: SharedFileRecord] = [:]
  /// How many own files of completed checkpoints have a content.
  var ownFiles: [Digest: Int] = [:]
  var places: [Digest: Place] = [:]
  var damaged: Set<Digest> = []
  /// Bytes of all contents, the end of the file that holds them.
  var end: Int64 = 1
  var lastID: Int64 = 0
  var largestPortion = 0

  mutating func nextID() -> Int64 {
    lastID += 1
    return lastID
  }

  /// Notes that what a listing of the history shows has changed.
  mutating func touch(_ id: HistoryID, at time: Timestamp? = nil) {
    guard let record = histories[id]?.record else { return }
    histories[id]?.record = HistoryRecord(
      id: id, name: record.name,
      changed: max(
        time ?? record.changed, Timestamp(nanoseconds: record.changed.nanoseconds + 1)))
  }

  mutating func portion<Record>(_ records: some Sequence<Record>, _ limit: Int) -> [Record] {
    let portion = Array(records.prefix(limit))
    largestPortion = max(largestPortion, portion.count)
    return portion
  }

  func entry(_ ordinal: Int, of id: CheckpointID) -> EntryRecord? {
    guard let checkpoint = checkpoints[id], checkpoint.entries.entries.indices.contains(ordinal)
    else { return nil }
    let entry = checkpoint.entries.entries[ordinal]
    guard case .shared(let content) = entry.kind,
      let file = sharedFiles[SharedInode(content.digest)]
    else {
      return EntryRecord(
        ordinal: ordinal, entry: entry, owner: checkpoint.record.owner, references: 1)
    }
    return EntryRecord(
      ordinal: ordinal, entry: Entry(path: entry.path, kind: .shared(file.content)),
      owner: file.owner, references: file.references)
  }

  func isReferred(_ digest: Digest) -> Bool {
    sharedFiles[SharedInode(digest)] != nil || ownFiles[digest] != nil
  }

  /// Adds `change` to the count of each content that `entries` refer to.
  mutating func count(_ entries: MemoryEntries, owner: Ownership, by change: Int) {
    for entry in entries.entries {
      switch entry.kind {
      case .directory, .link: break
      case .own(let content):
        let count = ownFiles[content.digest, default: 0] + change
        ownFiles[content.digest] = count == 0 ? nil : count
      case .shared(let content):
        let inode = SharedInode(content.digest)
        let old = sharedFiles[inode]
        let count = (old?.references ?? 0) + Int64(change)
        sharedFiles[inode] =
          count == 0
          ? nil
          : SharedFileRecord(
            content: old?.content ?? content, owner: old?.owner ?? owner, references: count)
      }
    }
  }
}
