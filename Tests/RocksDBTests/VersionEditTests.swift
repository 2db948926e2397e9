// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

@testable import RocksDB

@Suite struct VersionEditTests {
  private func decode(_ bytes: [UInt8]) throws -> VersionEdit {
    try VersionEdit(decoding: LogRecord(offset: 40, bytes: bytes), of: "MANIFEST-000001")
  }

  private func expectUnsupported(_ bytes: [UInt8], naming name: String) {
    #expect {
      try decode(bytes)
    } throws: {
      guard case RocksDirectoryError.unsupported(_, 40, let reason) = $0 else { return false }
      return reason.contains(name)
    }
  }

  private func expectCorrupt(_ bytes: [UInt8]) {
    #expect {
      try decode(bytes)
    } throws: {
      guard case RocksDirectoryError.corrupt(_, 40, _) = $0 else { return false }
      return true
    }
  }

  @Test("the numbers, names and changes of column families are read")
  func plainFields() throws {
    let edit = try decode(
      .joined(
        .varint(1), .field("cmp"), .varints(2, 11, 9, 0, 3, 12, 4, 13, 10, 14, 203, 3, 200, 2),
        .varint(201), .field("meta"), .varint(8193), .field("id"), .varints(300, 4)))
    #expect(edit.comparator == "cmp")
    #expect(edit.logNumber?.rawValue == 11)
    #expect(edit.nextFileNumber?.rawValue == 12)
    #expect(edit.lastSequence == 13)
    #expect(edit.minimumLogNumber?.rawValue == 14)
    #expect(edit.columnFamily.rawValue == 2)
    #expect(edit.columnFamilyChange == .add(name: "meta"))
    #expect(edit.databaseID == "id")
    #expect(edit.remainingInGroup == 4)
    #expect(try decode(.varints(200, 2, 202)).columnFamilyChange == .drop)
  }

  @Test("all four formats of a new table are read")
  func tables() throws {
    let key = [UInt8].field([UInt8](repeating: 7, count: 9))
    let unique = [UInt8].varint(12) + .field(.fixed(UInt64(5)) + .fixed(UInt64(6)))
    let fields = [UInt8].joined(
      unique, .varint(3), .field(.fixed(UInt64(21))), .varint(4), .field(.varint(8)), .varint(65),
      .field([0]), .varint(16), .field([1]))
    let edit = try decode(
      .joined(
        .varints(7, 1, 10, 100), key, key, .varints(100, 1, 11, 100), key, key, .varints(3, 4),
        .varints(102, 1, 12, 0, 100), key, key, .varints(3, 4),
        .table(13, size: 200, level: 6, fields: fields), .varints(6, 2, 9), .varints(5, 1), key))
    #expect(edit.newTables.map(\.number.rawValue) == [10, 11, 12, 13])
    #expect(edit.newTables.map(\.size) == [100, 100, 100, 200])
    #expect(edit.newTables.map(\.level) == [1, 1, 1, 6])
    #expect(edit.newTables.map(\.largestSequence) == [1 << 56 - 1, 4, 4, 2])
    #expect(edit.newTables.last?.uniqueID == UniqueID(first: 5, second: 6))
    #expect(edit.newTables.last?.oldestBlob?.rawValue == 8)
    #expect(edit.minimumLogNumber?.rawValue == 21)
    #expect(edit.deletedTables.map(\.number.rawValue) == [9])
  }

  @Test("blob files and tracked logs are read in their present and their former encodings")
  func blobsAndLogs() throws {
    for (addition, garbage) in [(UInt64(400), UInt64(401)), (8194, 8195)] {
      let edit = try decode(
        .joined(
          .varints(addition, 4, 10, 1000), .field(""), .field(""), .varint(5), .field("later"),
          .varint(0), .varints(garbage, 4, 3, 300, 0)))
      #expect(
        edit.newBlobs == [.init(number: FileNumber(rawValue: 4), blobCount: 10, blobBytes: 1000)])
      #expect(edit.blobGarbage == [.init(number: FileNumber(rawValue: 4), blobCount: 3)])
    }
    let edit = try decode(
      .joined(
        .varints(8196, 5, 2, 77, 1), .varint(8199), .field(.varints(6, 1)), .varints(8197, 4),
        .varint(8200), .field(.varint(5))))
    #expect(edit.trackedLogs.map(\.number.rawValue) == [5, 6])
    #expect(edit.trackedLogs.map(\.syncedSize) == [77, nil])
    #expect(edit.logsDeletedBefore?.rawValue == 5)
  }

  @Test("what may be ignored is skipped, what may not is refused with its tag")
  func unknown() throws {
    let edit = try decode(
      .joined(
        .varint(8201), .field([1]), .varint(8192 + 99), .field("anything"), .varints(4, 3),
        .table(1, fields: .varint(63) + .field("new"))))
    #expect(edit.lastSequence == 3)
    expectUnsupported(.varints(204, 1), naming: "tag 204")
    expectUnsupported(.varint(16384 + 1) + .field(""), naming: "tag 16385")
    expectUnsupported(.table(1, fields: .varint(66) + .field("new")), naming: "field 66")
    expectUnsupported(.table(1, fields: .varint(65) + .field([1])), naming: "path 1")
    expectUnsupported(
      .joined(
        .varints(400, 4, 1, 1), .field(""), .field(""), .varint(64), .field(""), .varint(0)),
      naming: "field 64")
    expectUnsupported(.varint(8199) + .field(.varints(6, 9, 1)), naming: "field 9")
  }

  @Test("a field that is cut short, too long or out of range is corrupt")
  func malformed() {
    expectCorrupt([0x80])
    expectCorrupt([UInt8](repeating: 0xFF, count: 12))
    expectCorrupt(.varint(1 << 32))
    expectCorrupt(.varint(2))
    expectCorrupt(.varints(2, .max))
    expectCorrupt(.varints(1, 0xFFFF_FFFF))
    expectCorrupt(.varints(1, 5) + [1, 2])
    expectCorrupt(.varints(7, 0, 1, 100) + .field("short") + .field("short"))
    expectCorrupt(.table(1, fields: .varint(12) + .field([1, 2, 3])))
    expectCorrupt(.varints(2, 5) + [UInt8](repeating: 0xFF, count: 9) + [2])
    var unfinished = [UInt8].table(1)
    unfinished.removeLast()
    expectCorrupt(unfinished)
  }
}
