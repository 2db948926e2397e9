// SPDX-License-Identifier: Apache-2.0
import Foundation
import RocksDB
import SystemPackage
import Testing

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct DatabaseTests {
  @Test("what is put is read back until it is deleted, also after reopening and read-only")
  func data() throws {
    let scratch = try ScratchDirectory()
    do {
      let database = try Database(scratch("db"))
      try database.put(bytes("a"), bytes("1"))
      try database.put(bytes("b"), [])
      try database.put([], bytes("empty key"))
      try database.put(bytes("c"), bytes("3"), log: .synced)
      try database.delete(bytes("a"))
      #expect(try database.get(bytes("a")) == nil)
      #expect(try database.get(bytes("b")) == [])
      #expect(try database.get([]) == bytes("empty key"))
      #expect(database.latestSequenceNumber == 5)
    }
    let database = try Database(readOnly: scratch("db"))
    var keys: [[UInt8]] = []
    try database.scan { key, _ in
      keys.append(key)
      return keys.count < 2
    }
    #expect(keys == [[], bytes("b")])
    #expect(throws: RocksDBError.self) { try database.put(bytes("x"), bytes("y")) }
  }

  @Test("a batch over column families is applied as one; families are found again at open")
  func families() throws {
    let scratch = try ScratchDirectory()
    do {
      let database = try Database(scratch("db"), columnFamilies: ["one"])
      let one = try #require(database.columnFamily("one"))
      let two = try database.createColumnFamily("two")
      let main = try #require(database.columnFamily("default"))
      var batch = WriteBatch()
      batch.put(bytes("k"), bytes("1"), in: one)
      batch.put(bytes("k"), bytes("2"), in: two)
      batch.put(bytes("k"), bytes("0"), in: main)
      batch.delete(bytes("k"), in: main)
      #expect(batch.count == 4)
      try database.write(batch)
      #expect(try database.get(bytes("k")) == nil)
      let three = try database.createColumnFamily("three")
      try database.drop(three)
      #expect(database.columnFamilies.map(\.name) == ["default", "one", "two"])
    }
    #expect(try Database.columnFamilies(of: scratch("db")) == ["default", "one", "two"])
    let database = try Database(scratch("db"))
    #expect(try database.get(bytes("k"), in: database.columnFamily("one")) == bytes("1"))
    #expect(try database.get(bytes("k"), in: database.columnFamily("two")) == bytes("2"))
  }

  @Test("a checkpoint holds every write, and without a flush only those that are in the log")
  func checkpoints() throws {
    let scratch = try ScratchDirectory()
    let database = try Database(scratch("db"))
    try database.put(bytes("logged"), bytes("1"))
    try database.put(bytes("unlogged"), bytes("1"), log: .skipped)
    try database.createCheckpoint(at: scratch("never"), flush: .never)
    try database.createCheckpoint(at: scratch("small"), flush: .whenLog(exceeds: 1 << 20))
    #expect(database.liveTables().isEmpty && database.mayHoldUnloggedWrites)
    try database.createCheckpoint(at: scratch("always"), flush: .always)
    #expect(database.liveTables().count == 1 && !database.mayHoldUnloggedWrites)
    for (name, unlogged) in [("never", nil), ("small", nil), ("always", bytes("1"))] {
      let copy = try Database(readOnly: scratch(name))
      #expect(try copy.get(bytes("logged")) == bytes("1"))
      #expect(try copy.get(bytes("unlogged")) == unlogged)
    }
    #expect {
      try database.createCheckpoint(at: scratch("always"), flush: .always)
    } throws: {
      ($0 as? RocksDBError)?.path == scratch("always")
    }
  }

  @Test("writes that skipped the log are known until all families were flushed after them")
  func unloggedWrites() throws {
    let scratch = try ScratchDirectory()
    let database = try Database(scratch("db"), columnFamilies: ["one"])
    try database.put(bytes("k"), bytes("1"), log: .synced)
    #expect(!database.mayHoldUnloggedWrites)
    try database.delete(bytes("k"), log: .skipped)
    #expect(database.mayHoldUnloggedWrites)
    try database.flush()
    #expect(!database.mayHoldUnloggedWrites)
    var batch = WriteBatch()
    batch.put(bytes("k"), bytes("2"), in: try #require(database.columnFamily("one")))
    try database.write(batch, log: .skipped)
    #expect(database.mayHoldUnloggedWrites)
    try database.put(bytes("l"), bytes("3"), log: .skipped)
    try database.flush()
    #expect(!database.mayHoldUnloggedWrites)
  }

  @Test("an external table is ingested by copy or by move")
  func ingestion() throws {
    let scratch = try ScratchDirectory()
    for name in ["copied.sst", "moved.sst"] {
      var writer = try TableFileWriter(scratch(name))
      try writer.put(bytes("\(name)-1"), bytes("x"))
      try writer.put(bytes("\(name)-2"), bytes("y"))
      #expect(throws: RocksDBError.self) { try writer.put(bytes("\(name)-0"), bytes("z")) }
      try writer.finish()
    }
    let database = try Database(scratch("db"))
    try database.ingest([scratch("copied.sst")], mode: .copy)
    try database.ingest([scratch("moved.sst")], mode: .move)
    #expect(try database.get(bytes("copied.sst-2")) == bytes("y"))
    #expect(try database.get(bytes("moved.sst-1")) == bytes("x"))
    #expect(try sizes(in: scratch.path)["copied.sst"] != nil)
    let described = try DatabaseDirectory.describe(scratch("db"))
    #expect(Set(described.tables.map(\.name)) == Set(database.liveTables().map(\.name)))
    #expect(throws: RocksDBError.self) { try database.ingest([scratch("none.sst")], mode: .copy) }
  }

  @Test("compaction of families and properties reach RocksDB")
  func compaction() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    options.disableAutoCompactions = true
    let database = try Database(scratch("db"), options: options)
    for round in 0..<3 {
      try database.put(bytes("k"), bytes("\(round)"))
      try database.flush()
    }
    #expect(database.property("rocksdb.num-files-at-level0") == "3")
    try database.compact()
    #expect(database.property("rocksdb.num-files-at-level0") == "0")
    #expect(database.property("rocksdb.no-such-property") == nil)
  }

  @Test("opening what is no database fails with RocksDB's words and the path")
  func failure() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    options.createIfMissing = false
    #expect {
      _ = try Database(scratch("none"), options: options)
    } throws: {
      ($0 as? RocksDBError)?.path == scratch("none") && "\($0)".contains("does not exist")
    }
  }
}
