// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

@testable import RocksDB

@Suite struct LogReaderTests {
  struct Reading: Equatable {
    var records: [[UInt8]] = []
    var tail = LogReader.Tail.complete
    var validLength: UInt64 = 0
  }

  private func read(_ bytes: [UInt8], as kind: LogReader.Kind = .manifest) throws -> Reading {
    let scratch = try ScratchDirectory()
    try write(bytes, to: scratch("log"))
    var reader = LogReader(try MetadataFile(scratch("log")), kind: kind)
    var reading = Reading()
    while let record = try reader.next() { reading.records.append(record.bytes) }
    reading.tail = reader.tail
    reading.validLength = reader.validLength
    return reading
  }

  private func corruptOffset(
    _ bytes: [UInt8], as kind: LogReader.Kind = .manifest
  ) throws -> UInt64? {
    do {
      _ = try read(bytes, as: kind)
      return nil
    } catch RocksDirectoryError.corrupt(_, let offset, _) {
      return offset
    }
  }

  @Test("the checksum is CRC32C: the check value of its definition holds")
  func checksum() {
    #expect(CRC32C.checksum(Array("123456789".utf8)[...]) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)[...]) == 0x8A91_36AA)
  }

  @Test("a record may be split over several blocks and is put together")
  func fragments() throws {
    let first = [UInt8](repeating: 1, count: LogReader.blockSize - 7)
    let middle = [UInt8](repeating: 2, count: LogReader.blockSize - 7)
    let log =
      [UInt8].fragment(type: 2, first) + .fragment(type: 3, middle) + .fragment(type: 4, [3])
      + .fragment(type: 1, [9])
    let reading = try read(log)
    #expect(reading.records == [first + middle + [3], [9]])
    #expect(reading.validLength == UInt64(log.count))
    #expect(reading.tail == .complete)
  }

  @Test("zeros that pad a block or were preallocated are passed over")
  func padding() throws {
    let payload = [UInt8](repeating: 1, count: LogReader.blockSize - 7 - 5)
    let full = [UInt8].fragment(type: 1, payload)
    let zeros = [UInt8](repeating: 0, count: 100_000)
    #expect(try read(full + zeros.prefix(5) + .fragment(type: 1, [4])).records == [payload, [4]])
    let reading = try read([UInt8].log([[1], [2]]) + zeros)
    #expect(reading == Reading(records: [[1], [2]], tail: .complete, validLength: 16))
  }

  @Test("a log cut at any byte gives the records before the cut, and tells of the rest")
  func truncation() throws {
    let log = [UInt8].log([[1, 2, 3], [4], [5, 6]])
    let ends = [0, 10, 18, 27]
    for count in 0...log.count {
      let reading = try read(Array(log.prefix(count)))
      let complete = ends.lastIndex { $0 <= count } ?? 0
      #expect(reading.records.count == complete)
      #expect(reading.validLength == UInt64(ends[complete]))
      #expect((reading.tail == .complete) == ends.contains(count))
    }
  }

  @Test("a fragmented record without its end is a truncated tail")
  func missingEnd() throws {
    let log = [UInt8].log([[1]]) + .fragment(type: 2, [2])
    #expect(
      try read(log) == Reading(records: [[1]], tail: .truncated(at: 8), validLength: 8))
  }

  @Test("what no writer leaves is corrupt, at the byte where the record begins")
  func corruption() throws {
    let one = [UInt8].fragment(type: 1, [1])
    var flipped = one
    flipped[7] ^= 1
    #expect(try corruptOffset(one + flipped) == 8)
    #expect(try corruptOffset(one + .fragment(type: 3, [1])) == 8)
    #expect(try corruptOffset(one + .fragment(type: 4, [1])) == 8)
    #expect(try corruptOffset(one + .fragment(type: 2, [1]) + one) == 8)
    #expect(try corruptOffset(one + .fragment(type: 5, [1], log: 3)) == 8)
    #expect(try corruptOffset(one + [0, 0, 0, 0, 0, 0, 0, 1]) == 8)
    let gap = [UInt8](repeating: 0, count: LogReader.blockSize - 8)
    #expect(
      try corruptOffset(.fragment(type: 2, [1]) + gap + .fragment(type: 4, [2])) == 32768)
    // A length that leads out of a whole block cannot come from a write that was cut short.
    let long = [1, 2, 3, 4, 0xFF, 0xFF, 1] + [UInt8](repeating: 0, count: LogReader.blockSize - 7)
    #expect(try corruptOffset(long) == 0)
  }

  @Test("a type of a later version is refused unless it is marked as safe to ignore")
  func unknownTypes() throws {
    let one = [UInt8].fragment(type: 1, [1])
    #expect(try read(one + .fragment(type: 130, [7]) + one).records == [[1], [1]])
    #expect {
      try read(one + .fragment(type: 12, [7]))
    } throws: {
      guard case RocksDirectoryError.unsupported(_, 8, _) = $0 else { return false }
      return true
    }
  }

  @Test("a reused log ends where the records of its former life begin")
  func recycled() throws {
    let kind = LogReader.Kind.writeAheadLog(FileNumber(rawValue: 12))
    let own = [UInt8].fragment(type: 5, [1], log: 12)
    let old = [UInt8].fragment(type: 5, [2], log: 3)
    let expected = Reading(records: [[1]], tail: .recycled(at: 12), validLength: 12)
    #expect(try read(own + old, as: kind) == expected)
    #expect(try read(own + old.dropFirst(2), as: kind).records == [[1]])
    #expect(try read(own + .fragment(type: 131, [2], log: 12) + own, as: kind).records.count == 2)
  }

  @Test("records of a real write-ahead log have sound checksums")
  func realLog() throws {
    let scratch = try ScratchDirectory()
    do {
      let database = try Database(scratch("db"))
      for index in 0..<200 {
        let value = [UInt8](repeating: UInt8(index), count: 1000)
        try database.put(Array("key-\(index)".utf8), value, log: .synced)
      }
      // The default family's log, while it is open.
      let number = try #require(
        try sizes(in: scratch("db")).keys.lazy.compactMap { name -> FileNumber? in
          guard case .log(let number) = DirectoryEntry(name) else { return nil }
          return number
        }.max())
      var reader = LogReader(
        try MetadataFile(scratch("db").appending(number.logName)), kind: .writeAheadLog(number))
      var count = 0
      while try reader.next() != nil { count += 1 }
      #expect(count == 200)
      #expect(reader.tail == .complete)
    }
  }
}
