// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Checkpoints
import DurabilitySteps
import Foundation
import GRDB

extension Row {
  func integer(_ index: Int) -> Int64 { self[index] as Int64 }

  /// A number of bytes or files.
  func amount(_ index: Int) throws -> Int64 {
    let amount = integer(index)
    guard amount >= 0 else {
      throw CatalogError(
        .unusable, "the catalog holds a size or count below 0; run 'ckptfs fsck'")
    }
    return amount
  }

  /// The number of a page's entries; an ordinal has 24 bits.
  func entryCount(_ index: Int) throws -> Int {
    let count = integer(index)
    guard (1..<1 << 24).contains(count) else {
      throw CatalogError(
        .unusable, "the catalog holds a number of entries that no page has; run 'ckptfs fsck'")
    }
    return Int(count)
  }

  /// When something was done in the store: whatever is added to it, or taken off, fits.
  func moment(_ index: Int) throws -> Timestamp {
    let time = integer(index)
    guard (0..<1 << 62).contains(time) else {
      throw CatalogError(
        .unusable,
        "the catalog holds a time that is none; 'ckptfs fsck --rebuild-catalog' makes it anew"
      )
    }
    return Timestamp(nanoseconds: time)
  }

  /// What a file's time says.
  func timestamp(_ index: Int) -> Timestamp { Timestamp(nanoseconds: integer(index)) }

  func ownership(_ index: Int) -> Ownership {
    Ownership(
      user: UInt32(truncatingIfNeeded: integer(index)),
      group: UInt32(truncatingIfNeeded: integer(index + 1)))
  }

  func digest(_ index: Int) throws -> Digest {
    guard let digest = Digest(bytes: bytes(index)) else {
      throw CatalogError(.unusable, "the catalog holds a digest that is none; run 'ckptfs fsck'")
    }
    return digest
  }

  func bytes(_ index: Int) -> [UInt8] { [UInt8](self[index] as Data) }

  func path(_ index: Int) throws -> EntryPath {
    do {
      return try EntryPath(bytes: bytes(index))
    } catch {
      throw CatalogError(
        .unusable, "the catalog holds a path that is none; run 'ckptfs fsck'", cause: error)
    }
  }

  func stream(_ index: Int) throws -> PageStream {
    guard let stream = PageStream(rawValue: integer(index)) else {
      throw CatalogError(
        .unusable, "the catalog holds a page of no known stream; run 'ckptfs fsck'")
    }
    return stream
  }

  func number(_ index: Int) throws -> CheckpointNumber {
    guard let number = CheckpointNumber(rawValue: integer(index)) else {
      throw CatalogError(
        .unusable, "the catalog holds a checkpoint number that is none; run 'ckptfs fsck'")
    }
    return number
  }

  func name<Subject>(_ index: Int) throws -> Name<Subject> {
    let text: String = self[index]
    do {
      return try Name<Subject>(text)
    } catch {
      throw CatalogError(
        .unusable, "the catalog holds a name that is none; run 'ckptfs fsck'", cause: error)
    }
  }
}

extension EntryPath {
  /// For a statement's arguments.
  var data: DatabaseValue { Data(bytes).databaseValue }
}

extension HistoryRecord {
  static let columns = "id, name, changed"

  init(_ row: Row) throws {
    self.init(
      id: HistoryID(rawValue: row.integer(0)), name: try row.name(1), changed: try row.moment(2))
  }
}

extension CheckpointRecord {
  static let columns =
    "id, history, number, completed, owner_user, owner_group, files, full_bytes, new_bytes"

  init(_ row: Row) throws {
    self.init(
      id: CheckpointID(rawValue: row.integer(0)), history: HistoryID(rawValue: row.integer(1)),
      number: try row.number(2), completed: try row.moment(3),
      owner: row.ownership(4),
      files: try row.amount(6), fullBytes: try row.amount(7), newBytes: try row.amount(8))
  }
}

extension TagRecord {
  static let select = """
    SELECT tag.id, tag.name, tag.history, tag.checkpoint, checkpoint.number, tag.created
    FROM tag JOIN checkpoint ON checkpoint.id = tag.checkpoint
    """

  init(_ row: Row) throws {
    self.init(
      id: TagID(rawValue: row.integer(0)), name: try row.name(1),
      history: HistoryID(rawValue: row.integer(2)),
      checkpoint: CheckpointID(rawValue: row.integer(3)), number: try row.number(4),
      created: try row.moment(5))
  }
}

extension BlobRecord {
  static let columns = """
    blob.id, digest, blob.size, blob.modified, owner_user, owner_group, file_user, file_group, file_mode,
      condemned
    """
  /// The index of what a query selects after them.
  static let nextColumn = 10

  init(_ row: Row) throws {
    self.init(
      name: BlobName(
        digest: try row.digest(1), incarnation: Incarnation(rawValue: row.integer(0))),
      size: UInt64(try row.amount(2)), modified: row.timestamp(3),
      owner: row.ownership(4),
      access: FileAccess(
        owner: row.ownership(6), permissions: UInt16(truncatingIfNeeded: row.integer(8) & 0o7777)),
      isCondemned: row.integer(9) != 0)
  }
}

extension PageRecord {
  init(_ row: Row) throws {
    let next = BlobRecord.nextColumn
    self.init(
      blob: try BlobRecord(row), stream: try row.stream(next), first: try row.path(next + 1),
      entries: try row.entryCount(next + 2), bytes: try row.amount(next + 3),
      sources: row.hasNull(atIndex: next + 4) ? nil : try row.digest(next + 4))
  }
}

extension Database {
  /// The first row of a query, whose statement is kept for the next time.
  func row<Value>(
    _ sql: String, _ arguments: StatementArguments = [], _ read: (Row) throws -> Value
  ) throws -> Value? {
    let statement = try cachedStatement(sql: sql)
    let cursor = try Row.fetchCursor(statement, arguments: arguments)
    return try cursor.next().map(read)
  }

  func rows<Value>(
    _ sql: String, _ arguments: StatementArguments = [], _ read: (Row) throws -> Value
  ) throws -> [Value] {
    let statement = try cachedStatement(sql: sql)
    let cursor = try Row.fetchCursor(statement, arguments: arguments)
    var values: [Value] = []
    while let row = try cursor.next() { values.append(try read(row)) }
    return values
  }

  func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    Steps.markStatement()
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }
}
