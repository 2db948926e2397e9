// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

@testable import RocksDB

@Suite struct ReplayTests {
  /// Describes a directory whose MANIFEST has these records.
  private func describe(_ records: [[UInt8]]) throws -> DatabaseDescription {
    let scratch = try ScratchDirectory()
    try write(Array("MANIFEST-000001\n".utf8), to: scratch("CURRENT"))
    try write(.log(records), to: scratch("MANIFEST-000001"))
    return try DatabaseDirectory.describe(scratch.path)
  }

  private func expectCorrupt(_ records: [[UInt8]], _ words: String) {
    #expect {
      try describe(records)
    } throws: {
      guard case RocksDirectoryError.corrupt(_, _, let reason) = $0 else { return false }
      return reason.contains(words)
    }
  }

  private func blob(_ number: UInt64, count: UInt64 = 2) -> [UInt8] {
    .varints(400, number, count, 1000) + .field("") + .field("") + .varint(0)
  }

  @Test("an atomic group counts once it is complete, and not at all when its end is missing")
  func atomicGroups() throws {
    let first = [UInt8].table(10) + .varints(300, 1)
    let second = [UInt8].table(11) + .varints(300, 0)
    let whole = try describe([.numbers, first, second])
    #expect(whole.tables.map(\.number.rawValue) == [10, 11])
    #expect(!whole.tailIsTruncated)
    let half = try describe([.numbers, first])
    #expect(half.tables.isEmpty)
    #expect(half.tailIsTruncated)
    #expect(half.manifestValidLength == UInt64([UInt8].log([.numbers]).count))
    expectCorrupt([.numbers, first, .numbers], "interrupted")
    expectCorrupt([.numbers, first, .table(12) + .varints(300, 5)], "wrong number")
  }

  @Test("a MANIFEST that grows is read on from where it was whole, wherever it had ended")
  func growing() throws {
    let scratch = try ScratchDirectory()
    let path = scratch("MANIFEST-000001")
    let block = LogReader.blockSize
    let group = [[UInt8].table(5000) + .varints(300, 1), [UInt8].table(5001) + .varints(300, 0)]
    let head = [UInt8].log([.numbers] + group + (10..<100).map { .table(UInt64($0)) })
    // A record that leaves three bytes of its block, which are too few for another one.
    let name = String(repeating: "x", count: block - 3 - head.count - 11)
    let filler = [UInt8].log([.varint(1) + .field(name)])
    #expect(head.count + filler.count == block - 3)
    let tail = [UInt8].log(
      (100..<110).map { .table(UInt64($0)) } + [.table(5002) + .varints(300, 1)])
    let content = head + filler + [0, 0, 0] + tail
    try write(content, to: path)
    var whole = ManifestReplay(FileNumber(rawValue: 1), in: scratch.path)
    let expected = try whole.advance()
    #expect(expected.tables.count == 102 && expected.tailIsTruncated)
    let first = [UInt8].log([.numbers]).count
    for cut in Array(stride(from: first, to: first + 150, by: 5))
      + Array(stride(from: block - 16, to: block + 40, by: 2)) + [content.count]
    {
      try write(Array(content.prefix(cut)), to: path)
      var replay = ManifestReplay(FileNumber(rawValue: 1), in: scratch.path)
      let half = try replay.advance()
      #expect(half.manifestValidLength <= UInt64(cut))
      try write(content, to: path)
      var least = UInt64.max
      let found = try replay.advance { _, offset in least = min(least, offset) }
      #expect(found == expected, "cut at \(cut)")
      #expect(least >= half.manifestValidLength)
    }
  }

  @Test("a dropped column family takes its tables and blobs along")
  func drops() throws {
    let add = [UInt8].varints(200, 1, 201) + .field("one")
    let files = [UInt8].varints(200, 1) + .table(10) + blob(12)
    let described = try describe([.numbers, add, files, .table(11), .varints(200, 1, 202)])
    #expect(described.tables.map(\.number.rawValue) == [11])
    #expect(described.columnFamilies.map(\.name) == ["default"])
    expectCorrupt([.numbers, add, add], "twice")
    expectCorrupt([.numbers, .varints(200, 9, 202)], "does not exist")
    expectCorrupt([.numbers, .varints(200, 9) + .table(10)], "does not exist")
  }

  @Test("a table that moves to another level stays, one that is added or deleted twice is corrupt")
  func moves() throws {
    let moved = try describe([.numbers, .table(10), .varints(6, 0, 10) + .table(10, level: 3)])
    #expect(moved.tables.map(\.level) == [3])
    expectCorrupt([.numbers, .table(10), .table(10)], "000010.sst is added twice")
    expectCorrupt([.numbers, .table(10), .varints(6, 1, 10)], "000010.sst is deleted")
    expectCorrupt([.numbers, .varints(6, 0, 10)], "000010.sst is deleted")
  }

  @Test("blob files before the oldest that a table refers to, or all garbage, are obsolete")
  func blobs() throws {
    let linked = [UInt8].table(20, fields: .varint(4) + .field(.varint(12)))
    let all = blob(11) + blob(12) + blob(13) + blob(14)
    let garbage = [UInt8].varints(401, 14, 2, 1000, 0) + .varints(401, 13, 1, 500, 0)
    let described = try describe([.numbers, all + linked, garbage])
    #expect(described.blobs.map(\.number.rawValue) == [12, 13])
    #expect(described.blobs.map(\.sizeOnDisk) == [1062, 1062])
    #expect(try describe([.numbers, all]).blobs.isEmpty)
    expectCorrupt([.numbers, blob(11), blob(11)], "000011.blob is added twice")
    expectCorrupt([.numbers, .varints(401, 14, 2, 1000, 0)], "000014.blob")
    expectCorrupt(
      [.numbers, .varints(400, 5, 1, .max) + .field("") + .field("") + .varint(0)], "size")
    let endless = [UInt8].varints(401, 11, .max, 1, 0)
    expectCorrupt([.numbers, blob(11), endless, endless], "000011.blob")
  }

  @Test("a tracked log keeps its largest synced size until it is deleted or obsolete")
  func logs() throws {
    func add(_ number: UInt64, _ size: UInt64) -> [UInt8] {
      .varint(8199) + .field(.varints(number, 2, size, 1))
    }
    let edits = [[UInt8].numbers, add(5, 10), add(5, 30), add(5, 20), add(6, 7), add(7, 9)]
    let sizes = try describe(edits).logs.map(\.syncedSize)
    #expect(sizes == [30, 7, 9])
    let deleted = try describe(edits + [.varint(8200) + .field(.varint(6)), add(5, 40)])
    #expect(deleted.logs.map(\.number.rawValue) == [6, 7])
    let obsolete = try describe(edits + [.varints(10, 7)])
    #expect(obsolete.logs.map(\.number.rawValue) == [7])
    #expect(obsolete.minimumLogNumber.rawValue == 7)
  }

  @Test("a MANIFEST without log number, next file number and last sequence number is corrupt")
  func incomplete() {
    expectCorrupt([], "ends before")
    expectCorrupt([.varints(2, 5, 3, 6)], "ends before")
    expectCorrupt([.varints(2, 5, 4, 6)], "ends before")
    expectCorrupt([.varints(3, 5, 4, 6)], "ends before")
  }
}
