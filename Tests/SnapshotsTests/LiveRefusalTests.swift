// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@testable import Snapshots

/// Live databases that a snapshot cannot be taken of: refused with the reason, nothing kept.
@Suite struct LiveRefusalTests {
  private func refusal(_ bench: Bench, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> SnapshotError
  {
    let error = try bench.refusal(sourceLocation: sourceLocation) {
      _ = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    }
    try bench.expectEmpty(sourceLocation: sourceLocation)
    #expect(
      try bench.scratch.path.names.filter { $0.contains("ckptfs-live") }.isEmpty,
      sourceLocation: sourceLocation)
    return error
  }

  private func database(_ bench: Bench, _ others: [String: String] = [:]) throws -> Database {
    var options = DatabaseOptions()
    options.disableAutoCompactions = true
    options.others = others
    return try Database(bench("db"), options: options)
  }

  @Test(
    "settings with which the logs' files do not tell all are refused by their name",
    arguments: [
      ["recycle_log_file_num": "2", "wal_recovery_mode": "kSkipAnyCorruptedRecords"],
      ["manual_wal_flush": "true"], ["allow_2pc": "true"], ["two_write_queues": "true"],
      ["allow_mmap_writes": "true"],
    ])
  func settings(_ others: [String: String]) throws {
    let bench = try Bench()
    let database = try database(bench, others)
    try database.fill(0..<10)
    let error = try refusal(bench)
    let key = try #require(others.keys.first { $0 != "wal_recovery_mode" })
    #expect(error.code == .unsupported && error.message.contains(key))
    withExtendedLifetime(database) {}
  }

  @Test("logs in another directory are refused with its path")
  func logsElsewhere() throws {
    let bench = try Bench()
    let database = try database(bench, ["wal_dir": bench("logs").string])
    try database.fill(0..<10)
    let error = try refusal(bench)
    #expect(error.code == .unsupported && error.message.contains("\(bench("logs"))"))
    withExtendedLifetime(database) {}
  }

  @Test("a database without an OPTIONS file is refused, since nothing tells how it writes")
  func noOptions() throws {
    let bench = try Bench()
    let database = try database(bench)
    for name in try bench("db").names where name.hasPrefix("OPTIONS-") {
      try FileSystemCalls.unlink(bench("db").appending(name))
    }
    let error = try refusal(bench)
    #expect(error.code == .unsupported && error.message.contains("OPTIONS"))
    withExtendedLifetime(database) {}
  }

  @Test("writes that skip the log between others are refused with their numbers")
  func someUnlogged() throws {
    let bench = try Bench()
    let database = try database(bench)
    try database.fill(0..<10)
    try database.put(bytes("a"), bytes("b"), log: .skipped)
    try database.put(bytes("c"), bytes("d"), log: .skipped)
    try database.fill(10..<20)
    let error = try refusal(bench)
    #expect(error.code == .unsupported && error.message.contains("11 to 12 are in none"))
    #expect(error.message.contains("disableWAL"))
    // As soon as they are in a table, and the log that lacks them is not needed any more, all is well.
    try database.flush()
    try database.fill(20..<30)
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    #expect(try bench.restored(report.commit, "restored").rows.count == 32)
  }

  @Test("a flushed table with rows that no log had is refused")
  func unloggedInTable() throws {
    let bench = try Bench()
    var options = DatabaseOptions()
    options.disableAutoCompactions = true
    let database = try Database(bench("db"), columnFamilies: ["other"], options: options)
    let other = try #require(database.columnFamily("other"))
    // The other family keeps the log alive.
    try database.put(bytes("a"), bytes("b"), in: other)
    for key in 0..<10 { try database.put([UInt8(key)], bytes("v"), log: .skipped) }
    try database.flush(nil)
    let error = try refusal(bench)
    #expect(error.code == .unsupported && error.message.contains("2 to 11 are in none"))
  }

  @Test("a database whose writes all skip the log is refused once it was flushed")
  func allUnlogged() throws {
    let bench = try Bench()
    let database = try database(bench)
    for round in 0..<2 {
      for key in 0..<100 { try database.put([UInt8(key), UInt8(round)], [1], log: .skipped) }
      try database.flush()
    }
    let error = try refusal(bench)
    #expect(error.code == .unsupported && error.message.contains("'default'"))
    // Writes to the log lift it.
    try database.fill(0..<10)
    try database.flush()
    try database.fill(10..<20)
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    #expect(try bench.restored(report.commit, "restored").rows.count == 220)
  }

  @Test(
    "of a writer under load that skips its log nothing is kept that is no moment of it",
    arguments: ["unlogged", "mixed"])
  func unloggedUnderLoad(_ special: String) throws {
    let bench = try Bench()
    let writer = try LiveWriterProcess(bench("db"), [special])
    var refused = 0
    for number in 1...3 {
      do {
        let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
        // Writes without a log may be missing at the end, as after a crash, but none in the middle.
        try bench.restored(report.commit, "restored-\(number)").expectMoment(holding: [0, 0])
      } catch let error as SnapshotError {
        // On a machine with too much to do a try may come to nothing for other reasons each time.
        #expect(
          error.code == .busy
            || (error.code == .unsupported && error.message.contains("disableWAL")), "\(error)")
        refused += 1
      }
    }
    #expect(refused >= 2)
    try writer.close()
  }

  @Test("a database that rewrites its MANIFEST all the time is taken soundly, or told to be busy")
  func restless() throws {
    let bench = try Bench()
    let writer = try LiveWriterProcess(
      bench("db"), ["max_manifest_file_size=1", "write_buffer_size=16384"])
    for number in 1...2 {
      let acknowledged = try writer.acknowledged
      do {
        let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
        try bench.restored(report.commit, "restored-\(number)")
          .expectMoment(holding: acknowledged)
      } catch let error as SnapshotError {
        #expect(error.code == .busy && error.message.contains("changes too fast"), "\(error)")
      }
    }
    try writer.close()
  }

  @Test("ingested tables, whose sequence numbers no log has, are no reason to refuse")
  func ingested() throws {
    let bench = try Bench()
    let database = try database(bench)
    try database.fill(0..<10)
    var writer = try TableFileWriter(bench("external.sst"))
    for key in 0..<5 { try writer.put(bytes("key-100000\(key)"), bytes("ingested")) }
    try writer.finish()
    try database.ingest([bench("external.sst")], mode: .copy)
    try database.fill(10..<20)
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    let rows = try bench.restored(report.commit, "restored").rows
    #expect(rows.count == 20 && rows[bytes("key-1000004")] == bytes("ingested"))
    #expect(try database.rows == rows)
  }

  @Test("a log with a flipped bit is refused with the byte, however often it is read")
  func damagedLog() throws {
    let bench = try Bench()
    let database = try database(bench)
    try database.fill(0..<1000)
    let log = try #require(try bench("db").names.first { $0.hasSuffix(".log") })
    var content = try bench("db/\(log)").read()
    content[5000] ^= 1
    try bench("db/\(log)").write(content)
    let error = try refusal(bench)
    #expect(error.code == .damaged)
    #expect(error.message.contains("\(bench("db/\(log)"))"))
    #expect(error.message.contains("checksum"))
    withExtendedLifetime(database) {}
  }

  @Test("a missing log in the middle is noticed")
  func missingLog() throws {
    let bench = try Bench()
    var options = DatabaseOptions()
    options.disableAutoCompactions = true
    let database = try Database(bench("db"), columnFamilies: ["other"], options: options)
    let other = try #require(database.columnFamily("other"))
    for _ in 0..<3 {
      try database.put(bytes("a"), bytes("b"), in: other)
      try database.fill(0..<10)
      try database.flush(nil)
    }
    try database.fill(0..<10)
    let logs = try bench("db").names.filter { $0.hasSuffix(".log") }
    #expect(logs.count == 4)
    try FileSystemCalls.unlink(bench("db").appending(logs[1]))
    let error = try refusal(bench)
    #expect(error.code == .unsupported && error.message.contains("12 to 22 are in none"))
  }

  @Test("a table that is missing or cut short is refused with its name")
  func incomplete() throws {
    let bench = try Bench()
    let database = try database(bench)
    try database.fill(0..<1000)
    try database.flush()
    let table = try #require(try bench("db").names.first { $0.hasSuffix(".sst") })
    let content = try bench("db/\(table)").read()
    try bench("db/\(table)").write(content.dropLast())
    let short = try refusal(bench)
    #expect(short.code == .incomplete && short.message.contains(table))
    try FileSystemCalls.unlink(bench("db/\(table)"))
    let absent = try refusal(bench)
    #expect(absent.code == .incomplete && absent.message.contains("\(table)', which MANIFEST"))
    withExtendedLifetime(database) {}
  }

  @Test(
    "a table that does not open is refused, unless it is of a version that is newer than the linked one"
  )
  func laterVersion() throws {
    let bench = try Bench()
    let database = try database(bench)
    try database.fill(0..<1000)
    try database.flush()
    let table = try #require(try bench("db").names.first { $0.hasSuffix(".sst") })
    // A footer whose magic number no version knows.
    let content = try bench("db/\(table)").read()
    try bench("db/\(table)").write(content.dropLast(8) + [1, 2, 3, 4, 5, 6, 7, 8])
    let error = try refusal(bench)
    #expect(error.code == .damaged && error.message.contains("does not open"))
    let name = try #require(try bench("db").names.last { $0.hasPrefix("OPTIONS-") })
    let options = String(decoding: try bench("db/\(name)").read(), as: UTF8.self)
    let line = try #require(
      options.split(separator: "\n").first { $0.contains("rocksdb_version=") })
    try bench("db/\(name)").write(
      options.split(separator: line).joined(separator: "  rocksdb_version=99.1.0"))
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    #expect(report.notVerified?.hasPrefix("newer format") == true)
    #expect(report.notVerified?.contains("99.1.0") == true)
    for message in [error.message, report.notVerified ?? ""] {
      #expect(message.contains(table) && !message.contains("/proc/self/fd"), "\(message)")
    }
    withExtendedLifetime(database) {}
  }

  @Test("an error in the working directory names it as its user does, whatever layer it comes from")
  func workingDirectory() throws {
    let bench = try Bench()
    let work = WorkingDirectory(path: bench("work"))
    func message(_ error: @escaping (FilePath) -> any Error) -> String {
      do {
        try work.use { held, _ -> Void in throw error(held.appending("file")) }
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    for text in [
      message { FileError("read", $0, .ioError) },
      message { StoreError(.sourceChanged, "'\($0)' changed") },
      message { SnapshotError(.io, "cannot read '\($0)'") },
      message { RocksDBError(message: "IO error", path: $0) },
      message { RocksDirectoryError.io(file: $0, .ioError) },
    ] {
      #expect(text.contains("\(bench("work"))/file"), "\(text)")
    }
  }

  @Test("keys in RocksDB's other order are taken, opened in that order, and verified")
  func reverseOrder() throws {
    let bench = try Bench()
    let order = "rocksdb.ReverseBytewiseComparator"
    let database = try database(bench, ["comparator": order])
    try database.fill(0..<10)
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    #expect(report.notVerified == nil)
    _ = try bench.store.restore(try bench.record(report.commit), to: bench("restored"))
    var options = DatabaseOptions()
    options.others = ["comparator": order]
    #expect(try Database(readOnly: bench("restored"), options: options).rows == database.rows)
  }

  @Test("a directory that is no database, and one that is not there, are refused as such")
  func noDatabase() throws {
    let bench = try Bench()
    #expect(try refusal(bench).code == .notFound)
    _ = try bench.scratch.directory("db")
    #expect(try refusal(bench).code == .invalid)
  }

  @Test(
    "a database that is destroyed while snapshots are taken gives a sound snapshot or a clear error"
  )
  func destroyed() throws {
    let bench = try Bench()
    for round in 0..<8 {
      let database = try database(bench)
      try database.fill(0..<1000)
      try database.flush()
      try database.fill(1000..<1500)
      let path = bench("db")
      let remover = Thread {
        usleep(UInt32(round) * 1500)
        for name in (try? path.names) ?? [] { try? FileSystemCalls.unlink(path.appending(name)) }
      }
      remover.start()
      do {
        let report = try bench.store.snapshot(ofLiveDatabase: path, to: bench.orders)
        let restored = try bench.restored(report.commit, "restored-\(round)")
        #expect(try restored.rows.count == 1500)
      } catch let error as SnapshotError {
        #expect([.changed, .invalid, .incomplete, .unsupported].contains(error.code), "\(error)")
      }
      while !remover.isFinished { usleep(1000) }
      withExtendedLifetime(database) {}
    }
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }
}
