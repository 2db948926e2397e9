// SPDX-License-Identifier: Apache-2.0

/// What a listing tells of a history.
public struct HistoryRecord: Hashable, Sendable {
  public let id: HistoryID
  public let name: HistoryName
  /// When a checkpoint last completed in it or was dropped from it, or a tag was given or taken off.
  public let changed: Timestamp

  public init(id: HistoryID, name: HistoryName, changed: Timestamp) {
    self.id = id
    self.name = name
    self.changed = changed
  }
}

/// What a listing tells of a completed checkpoint.
public struct CheckpointRecord: Hashable, Sendable {
  public let id: CheckpointID
  public let history: HistoryID
  public let number: CheckpointNumber
  /// Strictly increasing within a history, in the order of completion.
  public let completed: Timestamp
  public let owner: Ownership
  public let files: Int64
  /// The sum of its files' sizes: what a full copy of it takes.
  public let fullBytes: Int64
  /// The sizes of the contents that were not in the store before it.
  public let newBytes: Int64

  public init(
    id: CheckpointID, history: HistoryID, number: CheckpointNumber, completed: Timestamp,
    owner: Ownership, files: Int64, fullBytes: Int64, newBytes: Int64
  ) {
    self.id = id
    self.history = history
    self.number = number
    self.completed = completed
    self.owner = owner
    self.files = files
    self.fullBytes = fullBytes
    self.newBytes = newBytes
  }

  /// The same, with another id.
  package func identified(by id: CheckpointID) -> CheckpointRecord {
    CheckpointRecord(
      id: id, history: history, number: number, completed: completed, owner: owner, files: files,
      fullBytes: fullBytes, newBytes: newBytes)
  }
}

/// What a listing tells of a tag.
public struct TagRecord: Hashable, Sendable {
  public let id: TagID
  public let name: TagName
  public let history: HistoryID
  public let checkpoint: CheckpointID
  public let number: CheckpointNumber
  public let created: Timestamp

  public init(
    id: TagID, name: TagName, history: HistoryID, checkpoint: CheckpointID,
    number: CheckpointNumber, created: Timestamp
  ) {
    self.id = id
    self.name = name
    self.history = history
    self.checkpoint = checkpoint
    self.number = number
    self.created = created
  }
}

/// An entry of a completed checkpoint, with what only its place in a store tells.
public struct EntryRecord: Hashable, Sendable {
  /// Its place among all entries of the checkpoint: 0 is the first. Those that are not shared come
  /// first, each kind sorted by path. It never changes, since a checkpoint does not.
  public let ordinal: Int
  public let entry: Entry
  public let owner: Ownership
  /// How many entries of completed checkpoints have this content, this one included; 1 where the
  /// file is not shared.
  public let references: Int64

  public init(ordinal: Int, entry: Entry, owner: Ownership, references: Int64) {
    self.ordinal = ordinal
    self.entry = entry
    self.owner = owner
    self.references = references
  }
}

/// A content that checkpoints share, whatever its names.
public struct SharedFileRecord: Hashable, Sendable {
  public let content: Content
  public let owner: Ownership
  /// How many entries of completed checkpoints have this content.
  public let references: Int64

  public init(content: Content, owner: Ownership, references: Int64) {
    self.content = content
    self.owner = owner
    self.references = references
  }
}

/// The room in the file system beneath a source, in the terms of `statvfs`.
public struct Capacity: Hashable, Sendable {
  /// In bytes; the unit of the three counts of blocks.
  public let blockSize: UInt64
  public let blocks: UInt64
  public let freeBlocks: UInt64
  public let availableBlocks: UInt64
  public let files: UInt64
  public let freeFiles: UInt64

  public init(
    blockSize: UInt64, blocks: UInt64, freeBlocks: UInt64, availableBlocks: UInt64,
    files: UInt64, freeFiles: UInt64
  ) {
    self.blockSize = blockSize
    self.blocks = blocks
    self.freeBlocks = freeBlocks
    self.availableBlocks = availableBlocks
    self.files = files
    self.freeFiles = freeFiles
  }
}
