// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import LinuxFiles
import RocksDB
import Snapshots
import Synchronization
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

  @Test(
    "beside writers that skip the log a snapshot holds all that they had written before it",
    arguments: [FlushPolicy.always, .never])
  func unloggedWriter(_ flush: FlushPolicy) async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database, EngineOptions(flush: flush))
    let write: @Sendable (Int) throws -> Void = { number in
      try database.put(bytes("slot-\(number % 100)"), bytes("\(number)"), log: .skipped)
    }
    try await beside(write) { written in
      let before = written()
      let report = try await engine.takeSnapshot().materialize()
      let rows = try bench.rows(report.number)
      for number in max(0, before - 100)..<before {
        let found = rows[bytes("slot-\(number % 100)")].map { String(decoding: $0, as: UTF8.self) }
        #expect(found.flatMap { Int($0) } ?? -1 >= number)
      }
    }
  }

  @Test("batches that skip the log are whole in a snapshot where families are flushed atomically")
  func unloggedBatches() async throws {
    let bench = try Bench()
    var options = DatabaseOptions()
    options.atomicFlush = true
    let names = ["a", "b", "c", "d"]
    let database = try Database(bench("db"), columnFamilies: names, options: options)
    let families = names.compactMap { database.columnFamily($0) }
    let engine = try bench.engine(database, EngineOptions(flush: .never))
    let write: @Sendable (Int) throws -> Void = { number in
      var batch = WriteBatch()
      for family in families { batch.put(bytes("last"), bytes("\(number + 1)"), in: family) }
      try database.write(batch, log: .skipped)
    }
    try await beside(write) { written in
      try await engine.flushAhead()
      let before = written()
      let report = try await engine.takeSnapshot().materialize()
      #expect(report.flushDuration > .zero)
      let restored = bench("restored")
      _ = try bench.store.restore(try bench.record(report), to: restored)
      let copy = try Database(readOnly: restored)
      let found = try Set(names.map { try copy.get(bytes("last"), in: copy.columnFamily($0)) })
      try FileSystemCalls.removeTree(restored)
      #expect(found.count == 1, "a batch in part: \(found)")
      let last = found.first.flatMap(\.self).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
      #expect(last ?? 0 >= before)
    }
    try bench.expectNothingLocal()
  }

  /// Does `body` four times beside a thread that does `write` with number after number.
  ///
  /// It is never far ahead of who last asked what was written: while a test waits for its turn, it would keep a processor
  /// busy, and its database would grow without end.
  private func beside(
    _ write: @escaping @Sendable (Int) throws -> Void,
    _ body: (_ written: @Sendable () -> Int) async throws -> Void
  ) async throws {
    let (written, limit, isDone) = (Counter(), Counter(), Counter())
    let proceed: @Sendable () -> Int = {
      let count = written.value
      limit.value = count + 20_000
      return count
    }
    let writer = Thread {
      while isDone.value == 0 {
        guard written.value < limit.value else {
          usleep(200)
          continue
        }
        do { try write(written.value) } catch { break }
        written.increment()
      }
    }
    writer.start()
    defer { isDone.increment() }
    for _ in 0..<4 {
      let before = proceed()
      try await body(proceed)
      _ = proceed()
      while written.value < before + 100, !writer.isFinished { await Task.yield() }
      // It ends by itself only where a write failed.
      #expect(!writer.isFinished)
    }
    isDone.increment()
    while !writer.isFinished { await Task.yield() }
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

  @Test("a log that was copied for the snapshot alone comes into the store as it is")
  func givenAway() async throws {
    let bench = try Bench()
    let database = try Database(bench("db"), columnFamilies: ["other"])
    let engine = try bench.engine(database, EngineOptions(flush: .never))
    try database.put(bytes("k"), bytes("1"), in: database.columnFamily("other"))
    try database.fill(0..<1000)
    // A new log begins, and the first, which RocksDB links, is still needed.
    try database.flush(database.columnFamily("default"))
    try database.fill(1000..<1100)
    let local = bench("db.ckptfs-orders/chk-1")
    let copies = Mutex<Set<UInt64>>([])
    let report = try await engine.takeSnapshot().materialize { progress in
      guard progress.phase == .ingesting else { return }
      let names = ((try? local.names) ?? []).filter { $0.contains(".log") }
      let files = names.compactMap { try? local.appending($0).status }.filter { $0.links == 1 }
      copies.withLock { $0.formUnion(files.map(\.inode)) }
    }
    let copied = copies.withLock(\.self)
    #expect(copied.count == 2)
    let kept = try bench("store/blobs").filesBelow.map { try $0.status }.filter {
      copied.contains($0.inode)
    }
    #expect(kept.count == 2 && kept.allSatisfy { $0.links == 1 })
    // Nobody who writes to a restored log writes to the store's.
    #expect(try bench.rows(report.number).count == 1100)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
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

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int {
    get { count.load(ordering: .acquiring) }
    set { count.store(newValue, ordering: .releasing) }
  }

  func increment() { count.add(1, ordering: .acquiringAndReleasing) }
}
