// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

@testable import RocksDB

@Suite struct LogContentsTests {
  private func contents(
    of bytes: [UInt8], number: UInt64 = 7
  ) throws -> LogContents {
    let scratch = try ScratchDirectory()
    try write(bytes, to: scratch("log"))
    return try LogContents(reading: scratch("log"), number: FileNumber(rawValue: number))
  }

  private func corruptOffset(_ bytes: [UInt8]) throws -> UInt64? {
    do {
      _ = try contents(of: bytes)
      return nil
    } catch RocksDirectoryError.corrupt(_, let offset, _) {
      return offset
    }
  }

  private func batch(_ sequence: UInt64, _ puts: Int, count: UInt32? = nil) -> [UInt8] {
    let change = [1] + [UInt8].field("key") + .field("value")
    return .fixed(sequence) + .fixed(count ?? UInt32(puts))
      + (0..<puts).flatMap { _ in change }
  }

  @Test("the sequence numbers of a log are those of its batches, and a note has none")
  func sequences() throws {
    let note = [UInt8].fixed(UInt64(10)) + .fixed(UInt32(0)) + [3] + .field("note")
    let log = [UInt8].log([batch(5, 2), batch(7, 3), note, batch(10, 1)])
    let contents = try contents(of: log)
    #expect(contents.sequences == 5..<11 && contents.gaps.isEmpty && !contents.goesBack)
    #expect(contents.batches == 4 && contents.validLength == UInt64(log.count))
    #expect(!contents.isTwoPhase && !contents.isRecyclable && !contents.isCompressed)
    #expect(try self.contents(of: []).sequences.isEmpty)
  }

  @Test("numbers that no batch has are gaps, and a step back is told of")
  func gaps() throws {
    let gap = try contents(of: .log([batch(5, 2), batch(9, 1), batch(20, 1)]))
    #expect(gap.gaps == [7..<9, 10..<20] && !gap.goesBack)
    #expect(try contents(of: .log([batch(5, 2), batch(6, 1)])).goesBack)
    // 23 bytes for each record with its header, so that none crosses a block.
    let block = (0..<1000).map { [UInt8].fixed(UInt64(2 * $0)) + .fixed(UInt32(1)) + [0, 2, 1, 1] }
    let padding = [UInt8](repeating: 0, count: LogReader.blockSize - 23_000)
    let more = (1000..<2000).map {
      [UInt8].fixed(UInt64(2 * $0)) + .fixed(UInt32(1)) + [0, 2, 1, 1]
    }
    let many = try contents(of: .log(block) + padding + .log(more))
    #expect(many.gaps.count == LogContents.maximumGaps)
    var run = SequenceRun()
    run.append(many)
    #expect(run.hasMoreGaps)
    run = SequenceRun()
    run.append(try contents(of: .log([batch(5, 2)])))
    run.append(try contents(of: []))
    run.append(try contents(of: .log([batch(7, 1), batch(9, 1)])))
    run.append(try contents(of: .log([batch(12, 1)])))
    #expect(run.sequences == 5..<13 && run.gaps == [8..<9, 10..<12] && !run.hasMoreGaps)
  }

  @Test("every kind of change is passed over by its form")
  func kinds() throws {
    let (k, v) = ([UInt8].field("k"), [UInt8].field("v"))
    let f: [UInt8] = .varint(300)
    let counted: [[UInt8]] = [
      [0] + k, [1] + k + v, [2] + k + v, [4] + f + k, [5] + f + k + v, [6] + f + k + v, [7] + k,
      [8] + f + k, [0xE] + f + k + v, [0xF] + k + v, [0x10] + f + k + v, [0x11] + k + v,
      [0x16] + k + v, [0x17] + f + k + v, [0x18] + k + v, [0x19] + f + k + v,
    ]
    let all =
      [UInt8].fixed(UInt64(1)) + .fixed(UInt32(counted.count)) + [0xD] + [3] + k
      + counted.flatMap { $0 }
    let contents = try contents(of: .log([all]))
    #expect(contents.sequences == 1..<17 && !contents.isTwoPhase)
  }

  @Test("parts of two-phase transactions are told of")
  func twoPhase() throws {
    let x = [UInt8].field("xid")
    for change: [UInt8] in [
      [9], [0xA] + x, [0xB] + x, [0xC] + x, [0x12], [0x13], [0x15] + .field("ts") + x,
    ] {
      let batch = [UInt8].fixed(UInt64(1)) + .fixed(UInt32(0)) + change
      #expect(try contents(of: .log([batch])).isTwoPhase)
    }
  }

  @Test("a batch that no RocksDB writes is corrupt, at the byte where its record begins")
  func corruption() throws {
    let sound = [UInt8].log([batch(5, 2)])
    func corrupt(_ batch: [UInt8]) throws -> UInt64? {
      try corruptOffset(sound + .log([batch]))
    }
    let offset = UInt64(sound.count)
    #expect(try corrupt([1, 2, 3]) == offset)
    #expect(try corrupt(batch(7, 2, count: 3)) == offset)
    #expect(try corrupt(batch(7, 2).dropLast()) == offset)
    #expect(try corrupt(batch(7, 1) + [1, 200, 1]) == offset)
    #expect(try corrupt(batch(1 << 56, 1)) == offset)
    #expect(try corrupt(batch((1 << 56) - 1, 1)) == offset)
    var flipped = sound
    flipped[20] ^= 1
    #expect(try corruptOffset(sound + flipped) == offset)
    // A flipped type must not make the rest look like another log's.
    var type = sound
    type[6] = 5
    #expect(try corruptOffset(sound + type) == offset)
  }

  @Test("a batch with a kind of change of a later version still has its sequence numbers")
  func laterKind() throws {
    let later = [UInt8].fixed(UInt64(5)) + .fixed(UInt32(4)) + [0x70, 1, 2, 3]
    #expect(try contents(of: .log([later])).sequences == 5..<9)
  }

  @Test("a log cut at any byte holds the whole batches before the cut")
  func truncation() throws {
    let records = [batch(5, 2), batch(7, 1), batch(8, 4)]
    let log = [UInt8].log(records)
    var ends = [0]
    for record in records { ends.append(try #require(ends.last) + record.count + 7) }
    let sequences: [Range<UInt64>] = [0..<0, 5..<7, 5..<8, 5..<12]
    for count in 0...log.count {
      let contents = try contents(of: Array(log.prefix(count)))
      let whole = try #require(ends.lastIndex { $0 <= count })
      #expect(contents.sequences == sequences[whole])
      #expect(contents.validLength == UInt64(ends[whole]))
      #expect((contents.tail == .complete) == ends.contains(count))
    }
  }

  @Test("a log of RocksDB has a sequence number for each change and no gap")
  func realLog() throws {
    let scratch = try ScratchDirectory()
    let database = try Database(scratch("db"), columnFamilies: ["users"])
    let users = try #require(database.columnFamily("users"))
    let first = database.latestSequenceNumber + 1
    for index in 0..<100 {
      var batch = WriteBatch()
      batch.put(Array("\(index)".utf8), [UInt8](repeating: 1, count: 3000), in: users)
      batch.delete([1], in: users)
      try database.write(batch)
      try database.put([UInt8(index)], [2])
    }
    let contents = try log(of: scratch("db"))
    #expect(contents.sequences == first..<first + 300 && contents.gaps.isEmpty)
    #expect(contents.batches == 200 && contents.tail == .complete && !contents.isRecyclable)
    try database.put([1], [1], log: .skipped)
    try database.put([2], [2])
    #expect(try log(of: scratch("db")).gaps == [first + 300..<first + 301])
  }

  @Test("a log of a database that reuses its logs' files says so, and ends where the old one shows")
  func recycled() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    // The mode of recovery that is the default rules it out.
    options.others = [
      "recycle_log_file_num": "2", "wal_recovery_mode": "kSkipAnyCorruptedRecords",
    ]
    let database = try Database(scratch("db"), options: options)
    for round in 0..<4 {
      for index in 0..<(round == 3 ? 3 : 100) {
        try database.put([UInt8(index)], [UInt8](repeating: 1, count: 500))
      }
      if round < 3 { try database.flush() }
    }
    let contents = try log(of: scratch("db"))
    #expect(contents.isRecyclable && contents.batches == 3)
    guard case .recycled(let offset) = contents.tail else {
      Issue.record("the file was not reused: \(contents)")
      return
    }
    #expect(offset == contents.validLength && contents.size > offset)
  }

  @Test("a compressed log is read by its checksums alone")
  func compressed() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    options.others = ["wal_compression": "kZSTD"]
    let database = try Database(scratch("db"), options: options)
    for index in 0..<10 { try database.put([UInt8(index)], [1]) }
    let contents = try log(of: scratch("db"))
    #expect(contents.isCompressed && contents.batches == 10 && contents.sequences.isEmpty)
  }

  @Test("an OPTIONS file tells its version and the database's settings")
  func options() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    options.others = ["manual_wal_flush": "true", "keep_log_file_num": "3"]
    let database = try Database(scratch("db"), options: options)
    let name = try #require(
      try sizes(in: scratch("db")).keys.filter { $0.hasPrefix("OPTIONS-") }.max())
    let file = DatabaseSettings(try RocksDBTests.contents(of: scratch("db").appending(name)))
    #expect(file.version?.split(separator: ".").count == 3)
    #expect(file.isOn("manual_wal_flush") && !file.isOn("allow_2pc"))
    #expect(file.isOn("keep_log_file_num") && !file.isOn("recycle_log_file_num"))
    #expect(file["keep_log_file_num"] == "3" && file["write_buffer_size"] == nil)
    #expect(file.foreignTableFormat == nil)
    withExtendedLifetime(database) {}
  }

  /// The newest log of a database.
  private func log(of directory: FilePath) throws -> LogContents {
    let number = try #require(
      try sizes(in: directory).keys.lazy.compactMap { name -> FileNumber? in
        guard case .log(let number) = DirectoryEntry(name) else { return nil }
        return number
      }.max())
    return try LogContents(reading: directory.appending(number.logName), number: number)
  }
}
