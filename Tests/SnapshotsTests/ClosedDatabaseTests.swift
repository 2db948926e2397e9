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

@Suite struct ClosedDatabaseTests {
  /// A closed database with flushed rows, rows in its log only, and files that it no longer needs.
  private func closedDatabase(_ bench: Bench) throws -> FilePath {
    do {
      let database = try bench.database("db")
      for round in 0..<3 {
        try database.fill(1000 * round..<1000 * round + 1000)
        try database.flush()
      }
      try database.compact()
      try database.fill(3000..<3100)
    }
    let path = bench("db")
    try path.appending("000002.sst").write("of another time")
    try path.appending("MANIFEST-000001").write("of another time")
    try path.appending("OPTIONS-000001").write("of another time")
    try path.appending("000001.log").write("of another time")
    try path.appending("notes.txt").write("the user's")
    return path
  }

  @Test(
    "a snapshot of a closed database has its unflushed rows, and leaves the directory as it was",
    arguments: IngestPolicy.allCases.filter { $0 != .reflink })
  func snapshot(_ policy: IngestPolicy) throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    let before = try path.statuses
    let contents = try path.names.map { try path.appending($0).read() }
    let report = try bench.store.snapshot(
      ofClosedDatabase: path, to: bench.orders, options: CommitOptions(ingest: policy))
    #expect(try path.statuses == before)
    #expect(try path.names.map { try path.appending($0).read() } == contents)

    let skipped = Set(report.skipped.map(\.description))
    #expect(
      skipped.isSuperset(of: [
        "000001.log", "000002.sst", "LOCK", "LOG", "MANIFEST-000001", "OPTIONS-000001",
      ]))
    let entries = try bench.entries(report)
    #expect(entries[try EntryPath("notes.txt")] != nil)
    #expect(entries[try EntryPath("IDENTITY")] != nil)
    #expect(Set(entries.keys.map(\.description)).union(skipped) == Set(try path.names))
    #expect(try bench.restored(report, "restored").rows.count == 3100)
    // It opens for writing too, and so does the original.
    #expect(try Database(bench("restored")).rows.count == 3100)
    #expect(try Database(path).rows.count == 3100)
  }

  @Test("a database without a LOCK is taken without making one, unless somebody opens it meanwhile")
  func withoutLock() throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    try FileSystemCalls.unlink(path.appending("LOCK"))
    _ = try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders)
    #expect(try !path.appending("LOCK").exists)
    let once = Mutex(false)
    let error = try bench.refusal {
      _ = try bench.store.snapshot(
        ofClosedDatabase: path, to: try HistoryName("other"), options: CommitOptions(ingest: .copy)
      ) { _ in
        once.withLock { isDone in
          guard !isDone else { return }
          isDone = true
          do { try path.appending("LOCK").write("") } catch { Issue.record(error) }
        }
      }
    }
    #expect(error.code == .changed)
  }

  @Test("nobody can open the database while it is taken")
  func isLocked() throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    let states = Mutex<[DirectoryLock.State]>([])
    _ = try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders) { _ in
      do {
        let state = try DirectoryLock.probe(path)
        states.withLock { $0.append(state) }
      } catch { Issue.record(error) }
    }
    let seen = states.withLock { $0 }
    #expect(!seen.isEmpty)
    for state in seen {
      guard case .held = state else {
        Issue.record("the lock was not held")
        continue
      }
    }
    #expect(try DirectoryLock.probe(path) == .free)
  }

  @Test("a database that is open in this process is refused, and stays locked")
  func openHere() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.put(bytes("a"), bytes("b"))
    let error = try bench.refusal {
      _ = try bench.store.snapshot(ofClosedDatabase: bench("db"), to: bench.orders)
    }
    #expect(error.code == .live)
    #expect(error.message.contains("\(bench("db"))") && error.message.contains("--live"))
    #expect(try DirectoryLock.probe(bench("db")) == .held(pid: getpid()))
    try database.put(bytes("c"), bytes("d"))
    try bench.expectEmpty()
  }

  static let ldb = "/usr/bin/ldb"

  @Test(
    "a database that is open in another process is refused, with its number",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: ldb),
      "ldb of the package rocksdb-tools is not installed"))
  func openElsewhere() throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    let process = Process()
    let commands = Pipe()
    process.executableURL = URL(filePath: Self.ldb)
    process.arguments = ["--db=\(path)", "query"]
    process.standardInput = commands
    process.standardOutput = FileHandle.nullDevice
    try process.start()
    let deadline = ContinuousClock.now + .seconds(10)
    while try DirectoryLock.probe(path) == .free, ContinuousClock.now < deadline { usleep(5000) }
    for isCommit in [false, true] {
      let error = try bench.refusal {
        _ =
          isCommit
          ? try bench.store.commit(path, to: bench.orders)
          : try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders)
      }
      #expect(error.code == .live)
      #expect(error.message.contains("process \(process.processIdentifier)"))
      #expect(error.message.contains("--live"))
    }
    try commands.fileHandleForWriting.close()
    process.waitUntilExit()
    try bench.expectEmpty()
  }

  @Test("a database whose MANIFEST ends within a record, as a killed process leaves it, is taken")
  func killedWriter() throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    let current = String(decoding: try path.appending("CURRENT").read().dropLast(), as: UTF8.self)
    let manifest = path.appending(current)
    // The beginning of a record of 100 bytes.
    try manifest.write(try manifest.read() + [1, 2, 3, 4, 100, 0, 1, 5])
    let report = try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders)
    #expect(try bench.restored(report, "restored").rows.count == 3100)
  }

  @Test("a closed database that lacks a table is refused with its name")
  func incomplete() throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    let live = try #require(try DatabaseDirectory.describe(path).tables.first?.name)
    try FileSystemCalls.unlink(path.appending(live))
    let error = try bench.refusal {
      _ = try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders)
    }
    #expect(error.code == .incomplete && error.message.contains("\(live) is absent"))
    #expect(try DirectoryLock.probe(path) == .free)
    try bench.expectEmpty()
  }

  @Test("a database whose logs lie in another directory is refused, a moved one of old is not")
  func logsElsewhere() throws {
    let bench = try Bench()
    let path = try closedDatabase(bench)
    let name = try #require(try path.names.last { $0.hasPrefix("OPTIONS-") })
    let text = String(decoding: try path.appending(name).read(), as: UTF8.self)
    // As RocksDB writes it when it is not the database's own directory.
    let parts = text.split(separator: "[DBOptions]\n")
    #expect(parts.count == 2)
    try path.appending(name).write(
      parts.joined(separator: "[DBOptions]\n  wal_dir=\(bench("logs"))\n"))
    _ = try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders)
    for name in try path.names where name.hasSuffix(".log") {
      try FileSystemCalls.unlink(path.appending(name))
    }
    let error = try bench.refusal {
      _ = try bench.store.snapshot(ofClosedDatabase: path, to: bench.orders)
    }
    #expect(error.code == .unsupported && error.message.contains("\(bench("logs"))"))
  }
}
