// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import LinuxFiles
import LiveWorkload
import RocksDB
import Snapshots
import SystemPackage
import TestSupport
import Testing

/// Snapshots of databases that another process writes at the same time.
@Suite(.serialized) struct LiveDatabaseTests {
  /// How a writer is set up; small MANIFESTs are rewritten all the time.
  ///
  /// CKPTFS_LIVE_WRITER in the environment chooses those that have this.
  static let writers = [
    ["max_manifest_file_size=20000"],
    ["max_manifest_file_size=20000", "atomicFlush"],
    ["trackLogs", "enable_pipelined_write=true"],
    ["blobs", "atomicFlush"],
    ["wal_compression=kZSTD", "max_manifest_file_size=50000"],
    ["unordered_write=true", "write_buffer_size=32768"],
  ].filter { writer in
    ProcessInfo.processInfo.environment["CKPTFS_LIVE_WRITER"].map(writer.contains) ?? true
  }

  /// More with CKPTFS_LIVE_SNAPSHOTS in the environment.
  static let snapshots =
    ProcessInfo.processInfo.environment["CKPTFS_LIVE_SNAPSHOTS"].flatMap { Int($0) } ?? 6

  @Test(
    "a snapshot under load opens, has no hole, no half batch, and all that was acknowledged before",
    .timeLimit(.minutes(snapshots > 6 ? 120 : 60)), arguments: writers)
  func load(_ special: [String]) throws {
    let bench = try Bench()
    let writer = try LiveWriterProcess(bench("db"), special)
    var tries = 0
    var setbacks: [String: Int] = [:]
    var slowest = Duration.zero
    for number in 1...Self.snapshots {
      let acknowledged = try writer.acknowledged
      let begun = ContinuousClock.now
      let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
      tries += report.tries
      for reason in report.setbacks { setbacks[reason.filter { !$0.isNumber }, default: 0] += 1 }
      slowest = max(slowest, ContinuousClock.now - begun)
      #expect(report.notVerified == nil)
      #expect(report.leftOut.isEmpty)
      let restored = bench("restored-\(number)")
      _ = try bench.store.restore(try bench.record(report.commit), to: restored, mode: .link)
      var options = DatabaseOptions()
      options.trackLogs = special.contains("trackLogs")
      try Database(readOnly: restored, options: options).expectMoment(holding: acknowledged)
      try FileSystemCalls.removeTree(restored)
      if number % 10 == 0 { print("\(special): \(number) snapshots in \(tries) tries") }
      // The writer must have gone on meanwhile, or this shows nothing.
      try writer.waitUntil(try #require(acknowledged.max()) + 1)
    }
    try writer.close()
    let written = try writer.acknowledged.reduce(0, +)
    print(
      "\(special): \(Self.snapshots) snapshots in \(tries) tries, the slowest \(slowest), while \(written) "
        + "batches were written; \(setbacks)")
    #expect(try bench.store.check(readData: true, repair: false).isClean)
    #expect(try bench.scratch.path.names.filter { $0.contains("ckptfs-live") }.isEmpty)
  }

  @Test("the database of a writer that was killed is taken with all that it acknowledged")
  func killed() throws {
    let bench = try Bench()
    let writer = try LiveWriterProcess(bench("db"))
    writer.kill()
    let acknowledged = try writer.acknowledged
    let before = try bench("db").statuses
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    #expect(report.notVerified == nil && report.tries == 1)
    try bench.restored(report.commit, "restored").expectMoment(holding: acknowledged)
    try expectUntouched(bench("db"), since: before)
  }

  @Test("a writer that ends, and starts again, while snapshots are taken disturbs none of them")
  func restarted() throws {
    let bench = try Bench()
    var least: UInt64 = 3000
    for round in 0..<3 {
      let writer = try LiveWriterProcess(bench("db"), atLeast: least)
      let acknowledged = try writer.acknowledged
      // Its input ends: it closes the database while the snapshot is taken.
      try writer.end()
      let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
      try writer.waitForEnd()
      try bench.restored(report.commit, "restored-\(round)").expectMoment(holding: acknowledged)
      least = try #require(try writer.acknowledged.max()) + 1000
    }
  }

  @Test("a live database is only read: its files stay as they were, and it stays locked")
  func untouched() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    try database.flush()
    try database.fill(1000..<1100)
    try bench("db/notes.txt").write("the user's")
    let before = try bench("db").statuses
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    try expectUntouched(bench("db"), since: before)
    #expect(report.leftOut == ["notes.txt"])
    // What the kernel itself has on record: closing LOCK anywhere in this process would have ended it.
    let lock = try bench("db/LOCK").status
    let locks = String(
      decoding: try [UInt8](Data(contentsOf: URL(filePath: "/proc/locks"))), as: UTF8.self)
    #expect(
      locks.split(separator: "\n").contains {
        $0.contains("POSIX") && $0.contains(":\(lock.inode) ")
      })
    try database.put(bytes("after"), bytes("it"))
    let restored = try bench.restored(report.commit, "restored")
    #expect(try restored.rows.count == 1100)
    #expect(report.lastSequence == 1100 && restored.latestSequenceNumber == 1100)
    #expect(try bench("restored").names.contains("notes.txt") == false)
    #expect(try bench("restored").names.contains("IDENTITY") == false)
  }

  @Test("tables that a snapshot before had are recognised, not read")
  func incremental() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    for round in 0..<3 {
      try database.fill(1000 * round..<1000 * round + 1000)
      try database.flush()
    }
    // Only a file that has not changed for a while is evidence of itself.
    for name in try bench("db").names where name.hasSuffix(".sst") {
      try bench("db/\(name)").age()
    }
    _ = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    try database.fill(5000..<5010)
    let reading = Reading()
    let report = try bench.store.snapshot(
      ofLiveDatabase: bench("db"), to: bench.orders, progress: reading.handler)
    let tables = try bench("db").sizes.filter { $0.key.hasSuffix(".sst") }
    #expect(tables.count == 3 && report.commit.keptFiles >= 3)
    #expect(report.commit.newBytes < 20_000)
    #expect(try #require(reading.progress).totalBytes < 20_000)
    // Hard links or clones: no second copy is on disk where the file system can do either.
    let links = try tables.keys.map { try bench("db/\($0)").status.links }
    #expect(links.allSatisfy { $0 <= 2 })
  }

  @Test("a look tells of whatever a snapshot would hold, and is not disturbed by snapshots")
  func looks() throws {
    let bench = try Bench()
    let database = try Database(bench("db"), columnFamilies: ["other"])
    let other = try #require(database.columnFamily("other"))
    try database.fill(0..<100)
    var last = try bench.store.look(atLiveDatabase: bench("db"))
    func differs(_ change: () throws -> Void) throws -> Bool {
      try change()
      let now = try bench.store.look(atLiveDatabase: bench("db"))
      defer { last = now }
      return !now.isSame(as: last)
    }
    #expect(try !differs {})
    #expect(
      try !differs {
        _ = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
        try bench("db/notes.txt").write("the user's")
      })
    #expect(try differs { try database.put(bytes("k"), bytes("1"), in: other) })
    #expect(try differs { try database.delete(bytes("absent")) })
    #expect(try differs { try database.flush() })
    #expect(try differs { _ = try database.createColumnFamily("third") })
    let manifest = try #require(try bench("db").names.first { $0.hasPrefix("MANIFEST-") })
    // As many bytes under the same name, at the same time.
    #expect(
      try differs {
        let path = bench("db/\(manifest)")
        let (content, modified) = (try path.read(), try path.status.modified)
        try FileSystemCalls.unlink(path)
        try path.write(content)
        try path.setModified(modified)
      })
    #expect(
      try bench.refusal { _ = try bench.store.look(atLiveDatabase: bench("no")) }.code == .notFound)
    withExtendedLifetime(database) {}
  }

  @Test("what is left of a snapshot that was killed is removed by the next, with a warning")
  func leftovers() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<10)
    let work = bench("db.ckptfs-live-orders")
    try FileSystemCalls.makeDirectory(work)
    try work.appending("000004.log").write("of another time")
    let report = try bench.store.snapshot(ofLiveDatabase: bench("db"), to: bench.orders)
    #expect(report.commit.warnings.count == 1)
    #expect(report.commit.warnings.first?.contains("\(work)") == true)
    #expect(try bench.restored(report.commit, "restored").rows.count == 10)
    #expect(try !work.exists)
  }

  @Test(
    "a working directory of one's own is used, unless it is in the database's or on another file system"
  )
  func workingDirectory() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<10)
    let parent = try bench.scratch.directory("work")
    _ = try bench.store.snapshot(
      ofLiveDatabase: bench("db"), to: bench.orders, workingDirectory: parent)
    #expect(try parent.names.isEmpty)
    let inside = try bench.refusal {
      _ = try bench.store.snapshot(
        ofLiveDatabase: bench("db"), to: bench.orders, workingDirectory: bench("db"))
    }
    #expect(inside.code == .invalid)
    let elsewhere = try bench.refusal {
      _ = try bench.store.snapshot(
        ofLiveDatabase: bench("db"), to: bench.orders, workingDirectory: "/proc")
    }
    #expect(elsewhere.code == .unsupported && elsewhere.message.contains("--work-directory"))
  }

  /// A second name and its removal change a file's time of change only.
  private func expectUntouched(
    _ directory: FilePath, since before: [String: FileStatus],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let now = try directory.statuses
    #expect(now.keys.sorted() == before.keys.sorted(), sourceLocation: sourceLocation)
    // The database that is open goes on telling what it has done.
    for (name, status) in before where name != "LOG" {
      let same = now[name]?.isUnchanged(since: status) == true
      #expect(same, "\(name) was changed", sourceLocation: sourceLocation)
    }
    // Nothing was so much as created and removed again.
    #expect(now["."]?.changed == before["."]?.changed, sourceLocation: sourceLocation)
  }
}
