// SPDX-License-Identifier: Apache-2.0

/// The field tags of a MANIFEST record, as in RocksDB's db/version_edit.h up to version 11.
enum VersionEditTag: UInt32 {
  case comparator = 1
  case logNumber = 2
  case nextFileNumber = 3
  case lastSequence = 4
  case compactCursor = 5
  case deletedFile = 6
  case newFile = 7
  case previousLogNumber = 9
  case minimumLogNumber = 10
  case newFile2 = 100
  case newFile3 = 102
  case newFile4 = 103
  case columnFamily = 200
  case columnFamilyAdd = 201
  case columnFamilyDrop = 202
  case maximumColumnFamily = 203
  case inAtomicGroup = 300
  case blobFileAddition = 400
  case blobFileGarbage = 401
  case databaseID = 8193
  case blobFileAdditionDeprecated = 8194
  case blobFileGarbageDeprecated = 8195
  case logAddition = 8196
  case logDeletion = 8197
  case logAddition2 = 8199
  case logDeletion2 = 8200

  /// An unknown tag with this bit is a length-prefixed field that may be skipped. Time stamp
  /// bounds (8198, 8201), compaction progress (8202) and what later versions add are left to it.
  static let ignorable: UInt32 = 1 << 13

  /// The tags inside a `newFile4` field; those not listed are skipped when they may be.
  enum Table: UInt32 {
    case end = 1
    case minimumLogNumber = 3
    case oldestBlob = 4
    case uniqueID = 12
    case path = 65
  }

  /// A tag inside a table or blob field that must not be skipped when unknown.
  static let unignorableInside: UInt32 = 1 << 6

  /// The tags inside a log addition.
  enum Log: UInt32 {
    case end = 1
    case syncedSize = 2
    /// Written by a few releases of 6.x; has no value.
    case closed = 3
  }
}
