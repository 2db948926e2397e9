// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

extension VersionEdit {
  /// Decodes a record of the MANIFEST `file`.
  ///
  /// - Throws: `.unsupported` for a field that a later version added and that must not be ignored,
  ///   `.corrupt` for bytes that no version writes.
  package init(decoding record: LogRecord, of file: FilePath) throws(RocksDirectoryError) {
    var cursor = RecordCursor(record, of: file)
    while !cursor.isAtEnd {
      let tag = try cursor.varint32("a tag")
      if let known = VersionEditTag(rawValue: tag) {
        try decode(known, &cursor)
      } else if tag & VersionEditTag.ignorable != 0 {
        _ = try cursor.field("the field of tag \(tag)")
      } else {
        throw cursor.unsupported("tag \(tag) is not known to this version")
      }
    }
  }

  private mutating func decode(
    _ tag: VersionEditTag, _ cursor: inout RecordCursor
  ) throws(RocksDirectoryError) {
    switch tag {
    case .comparator: comparator = try cursor.string("the comparator")
    case .databaseID: databaseID = try cursor.string("the database id")
    case .logNumber: logNumber = try cursor.fileNumber("the log number")
    case .previousLogNumber: _ = try cursor.fileNumber("the previous log number")
    case .nextFileNumber: nextFileNumber = try cursor.fileNumber("the next file number")
    case .lastSequence: lastSequence = try cursor.varint64("the last sequence number")
    case .minimumLogNumber: minimumLogNumber = try cursor.fileNumber("the minimum log number")
    case .columnFamily:
      columnFamily = ColumnFamilyID(rawValue: try cursor.varint32("the column family"))
    case .columnFamilyAdd:
      columnFamilyChange = .add(name: try cursor.string("the column family's name"))
    case .columnFamilyDrop: columnFamilyChange = .drop
    case .maximumColumnFamily: _ = try cursor.varint32("the largest column family")
    case .inAtomicGroup: remainingInGroup = try cursor.varint32("the rest of the atomic group")
    case .compactCursor, .deletedFile, .newFile, .newFile2, .newFile3, .newFile4:
      try decodeTable(tag, &cursor)
    case .blobFileAddition, .blobFileAdditionDeprecated, .blobFileGarbage,
      .blobFileGarbageDeprecated:
      try decodeBlob(tag, &cursor)
    case .logAddition, .logAddition2, .logDeletion, .logDeletion2:
      try decodeLog(tag, &cursor)
    }
  }

  private mutating func decodeTable(
    _ tag: VersionEditTag, _ cursor: inout RecordCursor
  ) throws(RocksDirectoryError) {
    let level = Int(try cursor.varint32("the level"))
    if tag == .compactCursor { return try skipKey(&cursor) }
    let number = try cursor.fileNumber("a table's number")
    if tag == .deletedFile {
      deletedTables.append(TableDeletion(level: level, number: number))
      return
    }
    if tag == .newFile3 { try requireOnlyPath(try cursor.varint32("a table's path"), cursor) }
    var table = NewTable(
      level: level, number: number, size: try cursor.varint64("a table's size"),
      smallestSequence: 0, largestSequence: (1 << 56) - 1)
    try skipKey(&cursor)
    try skipKey(&cursor)
    if tag != .newFile {
      table.smallestSequence = try cursor.varint64("a table's smallest sequence number")
      table.largestSequence = try cursor.varint64("a table's largest sequence number")
    }
    if tag == .newFile4 { try decodeTableFields(&table, &cursor) }
    newTables.append(table)
  }

  private mutating func decodeTableFields(
    _ table: inout NewTable, _ cursor: inout RecordCursor
  ) throws(RocksDirectoryError) {
    while true {
      let tag = try cursor.varint32("a table's tag")
      if tag == VersionEditTag.Table.end.rawValue { return }
      var field = try cursor.field("a table's field \(tag)")
      switch VersionEditTag.Table(rawValue: tag) {
      case .path: try requireOnlyPath(UInt32(try field.byte("a table's path")), field)
      case .minimumLogNumber:
        minimumLogNumber = FileNumber(rawValue: try field.fixed64("the minimum log number"))
      case .oldestBlob: table.oldestBlob = try field.fileNumber("a table's oldest blob file")
      case .uniqueID:
        // 16 bytes in a MANIFEST; a later version may append to it.
        let first = try field.fixed64("a table's unique id")
        let second = try field.fixed64("a table's unique id")
        // Zero stands for a table whose writer gave none.
        if first != 0 || second != 0 { table.uniqueID = UniqueID(first: first, second: second) }
      case .end, nil:
        guard tag & VersionEditTag.unignorableInside == 0 else {
          throw field.unsupported("a table's field \(tag) is not known to this version")
        }
      }
    }
  }

  /// An internal key: at least the eight bytes of sequence number and type.
  private func skipKey(_ cursor: inout RecordCursor) throws(RocksDirectoryError) {
    let key = try cursor.field("a key")
    guard key.count >= 8 else { throw cursor.corrupt("a key has less than 8 bytes") }
  }

  private func requireOnlyPath(
    _ path: UInt32, _ cursor: RecordCursor
  ) throws(RocksDirectoryError) {
    guard path == 0 else {
      throw cursor.unsupported(
        "a table is in path \(path) of db_paths or cf_paths, outside this directory")
    }
  }

  private mutating func decodeBlob(
    _ tag: VersionEditTag, _ cursor: inout RecordCursor
  ) throws(RocksDirectoryError) {
    let number = try cursor.fileNumber("a blob file's number")
    let count = try cursor.varint64("a blob file's count")
    let bytes = try cursor.varint64("a blob file's bytes")
    if tag == .blobFileAddition || tag == .blobFileAdditionDeprecated {
      _ = try cursor.field("a blob file's checksum method")
      _ = try cursor.field("a blob file's checksum")
      newBlobs.append(NewBlob(number: number, blobCount: count, blobBytes: bytes))
    } else {
      blobGarbage.append(BlobGarbage(number: number, blobCount: count))
    }
    while case let tag = try cursor.varint32("a blob file's tag"), tag != 0 {
      guard tag & VersionEditTag.unignorableInside == 0 else {
        throw cursor.unsupported("a blob file's field \(tag) is not known to this version")
      }
      _ = try cursor.field("a blob file's field \(tag)")
    }
  }

  private mutating func decodeLog(
    _ tag: VersionEditTag, _ cursor: inout RecordCursor
  ) throws(RocksDirectoryError) {
    switch tag {
    case .logAddition2:
      var field = try cursor.field("a log addition")
      trackedLogs.append(try Self.trackedLog(&field))
    case .logDeletion2:
      var field = try cursor.field("a log deletion")
      logsDeletedBefore = try field.fileNumber("a log's number")
    case .logAddition: trackedLogs.append(try Self.trackedLog(&cursor))
    default: logsDeletedBefore = try cursor.fileNumber("a log's number")
    }
  }

  private static func trackedLog(
    _ cursor: inout RecordCursor
  ) throws(RocksDirectoryError) -> TrackedLog {
    let number = try cursor.fileNumber("a log's number")
    var syncedSize: UInt64?
    while true {
      let tag = try cursor.varint32("a log's tag")
      switch VersionEditTag.Log(rawValue: tag) {
      case .end: return TrackedLog(number: number, syncedSize: syncedSize)
      case .syncedSize: syncedSize = try cursor.varint64("a log's synced size")
      case .closed: break
      case nil: throw cursor.unsupported("a log's field \(tag) is not known to this version")
      }
    }
  }
}
