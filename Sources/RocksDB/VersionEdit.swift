// SPDX-License-Identifier: Apache-2.0

/// One record of a MANIFEST: how the set of live files changes.
package struct VersionEdit: Equatable, Sendable {
  package enum ColumnFamilyChange: Equatable, Sendable {
    case add(name: String)
    case drop
  }

  package struct TableDeletion: Hashable, Sendable {
    package let level: Int
    package let number: FileNumber
  }

  package struct NewTable: Equatable, Sendable {
    package var level: Int
    package var number: FileNumber
    package var size: UInt64
    package var smallestSequence: UInt64
    package var largestSequence: UInt64
    package var uniqueID: UniqueID?
    package var oldestBlob: FileNumber?
  }

  package struct NewBlob: Equatable, Sendable {
    package let number: FileNumber
    package let blobCount: UInt64
    package let blobBytes: UInt64
  }

  package struct BlobGarbage: Equatable, Sendable {
    package let number: FileNumber
    package let blobCount: UInt64
  }

  /// The family that tables, blobs, log number and comparator of this edit belong to.
  package var columnFamily = ColumnFamilyID.default
  package var columnFamilyChange: ColumnFamilyChange?
  package var comparator: String?
  package var databaseID: String?
  package var logNumber: FileNumber?
  package var nextFileNumber: FileNumber?
  package var lastSequence: UInt64?
  package var minimumLogNumber: FileNumber?
  package var deletedTables: [TableDeletion] = []
  package var newTables: [NewTable] = []
  package var newBlobs: [NewBlob] = []
  package var blobGarbage: [BlobGarbage] = []
  package var trackedLogs: [TrackedLog] = []
  /// Logs of smaller numbers are tracked no longer.
  package var logsDeletedBefore: FileNumber?
  /// In an atomic group: how many edits of the group follow.
  package var remainingInGroup: UInt32?

  package init() {}

  /// Whether it writes memtables to tables: a compaction deletes others, an ingested table comes without a log number.
  package var isFlush: Bool { logNumber != nil && !newTables.isEmpty && deletedTables.isEmpty }

  /// Whether it adds tables that are made of neither logs nor other tables, or adds or drops a column family: what
  /// logs do not tell.
  package var isBesideLogs: Bool {
    columnFamilyChange != nil
      || (logNumber == nil && !newTables.isEmpty && deletedTables.isEmpty)
  }
}
