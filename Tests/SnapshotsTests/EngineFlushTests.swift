// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct EngineFlushTests {
  @Test(
    "what skipped the log is in the snapshot, whatever the policy",
    arguments: [FlushPolicy.always, .never, .whenLog(exceeds: 1 << 30)])
  func unlogged(_ flush: FlushPolicy) async throws {
    let bench = try Bench()
    let database = try Database(bench("db"), columnFamilies: ["other"])
    let other = try #require(database.columnFamily("other"))
    let engine = try bench.engine(database, EngineOptions(flush: flush))
    for round in 1...3 {
      try database.put(bytes("logged-\(round)"), bytes("1"))
      try database.put(bytes("unlogged-\(round)"), bytes("1"), in: other, log: .skipped)
      let report = try await engine.takeSnapshot().materialize()
      #expect(report.flushDuration > .zero)
      _ = try bench.store.restore(try bench.record(report), to: bench("restored-\(round)"))
      let copy = try Database(readOnly: bench("restored-\(round)"))
      for row in 1...round {
        #expect(try copy.get(bytes("logged-\(row)")) == bytes("1"))
        #expect(
          try copy.get(bytes("unlogged-\(row)"), in: copy.columnFamily("other")) == bytes("1"))
      }
    }
  }

  @Test("what skipped the log is refused where the engine is told so, until it was flushed")
  func refused() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.put(bytes("k"), bytes("1"), log: .skipped)
    let engine = try bench.engine(
      database, EngineOptions(flush: .never, unloggedWrites: .refuse))
    let error = try bench.refusal { _ = try engine.takeSnapshot() }
    #expect(error.code == .unlogged && error.message.contains("flush"))
    try await engine.flushAhead()
    let report = try await engine.takeSnapshot().materialize()
    #expect(report.number.rawValue == 2 && report.flushDuration == .zero)
    #expect(try bench.rows(report.number).count == 1)
  }

  @Test("the log's size decides where the policy says so")
  func threshold() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(
      database, EngineOptions(flush: .whenLog(exceeds: 100_000)))
    try database.fill(0..<100)
    let small = try await engine.takeSnapshot().materialize()
    #expect(small.flushDuration == .zero && database.liveTables().isEmpty)
    try database.fill(100..<2000)
    let large = try await engine.takeSnapshot().materialize()
    #expect(large.flushDuration > .zero && database.liveTables().count == 1)
    #expect(try bench.rows(small.number).count == 100)
    #expect(try bench.rows(large.number).count == 2000)
  }

  @Test(
    "logs that nothing needs any more stay out of the checkpoint, and all that is needed comes in")
  func logs() async throws {
    let bench = try Bench()
    let database = try Database(bench("db"), columnFamilies: ["other"])
    let other = try #require(database.columnFamily("other"))
    let engine = try bench.engine(database, EngineOptions(flush: .never))
    try database.put(bytes("early"), bytes("1"), in: other)
    // Many logs are needed for the sake of one row that is still in a memtable.
    for round in 0..<3 {
      try database.fill(1000 * round..<1000 * (round + 1))
      try database.flush(database.columnFamily("default"))
    }
    let before = try await engine.takeSnapshot().materialize()
    try await engine.flushAhead()
    let after = try await engine.takeSnapshot().materialize()
    func logs(_ report: SnapshotReport) throws -> [EntryRecord] {
      var logs: [EntryRecord] = []
      try bench.store.forEachEntry(of: try bench.record(report)) { record in
        if record.entry.path.text?.hasSuffix(".log") == true { logs.append(record) }
      }
      return logs
    }
    #expect(try logs(before).count > 1)
    #expect(try logs(after).map { "\($0.entry)" } == [])
    #expect(try logs(before).allSatisfy { !$0.entry.isShared })
    _ = try bench.store.restore(try bench.record(before), to: bench("restored"))
    let copy = try Database(readOnly: bench("restored"))
    #expect(try copy.rows.count == 3000)
    #expect(try copy.get(bytes("early"), in: copy.columnFamily("other")) == bytes("1"))
  }

  @Test("a log that RocksDB closes after it was linked does not spoil the snapshot")
  func touchedLog() async throws {
    let bench = try Bench()
    let database = try Database(bench("db"), columnFamilies: ["other"])
    let engine = try bench.engine(database, EngineOptions(flush: .never))
    let other = try #require(database.columnFamily("other"))
    try database.put(bytes("k"), bytes("1"), in: other)
    try database.fill(0..<1000)
    // A new log begins, and the first is still needed.
    try database.flush(database.columnFamily("default"))
    let logs = try bench("db").names.filter { $0.hasSuffix(".log") }
    #expect(logs.count == 2)
    let report = try await engine.takeSnapshot().materialize { _ in
      for log in logs { try? bench("db/\(log)").setModified(1_000_000_000) }
    }
    #expect(try bench.rows(report.number).count == 1000)
    #expect(try bench("db/\(logs[0])").status.modified == 1_000_000_000)
  }
}
