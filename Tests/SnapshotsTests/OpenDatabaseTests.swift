// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct OpenDatabaseTests {
  @Test(
    "snapshots of a database in use hold a prefix of what was written, and all that was before",
    arguments: [
      LogFlushPolicy.always, .never, .whenLogIsAtLeast(1 << 20),
    ])
  func whileWriting(_ flush: LogFlushPolicy) async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let writer = Writer()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var key = 0
        while !writer.isDone {
          try database.fill(key..<key + 1)
          key += 1
          writer.wrote(key)
          if key % 256 == 0 { await Task.yield() }
        }
      }
      group.addTask {
        defer { writer.stop() }
        for round in 1...3 {
          let before = writer.written
          let report = try bench.store.commit(
            checkpointOf: database, flush: flush, to: bench.orders)
          let after = writer.written
          let count = try consecutiveRows(bench.restored(report, "restored-\(round)"))
          #expect(count >= before && count <= after + 1)
          #expect(report.warnings.isEmpty)
          while writer.written < after + 100 { await Task.yield() }
        }
      }
      try await group.waitForAll()
    }
    #expect(try bench.scratch.path.names.filter { $0.contains("ckptfs-") }.isEmpty)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  /// How many rows there are, none of those between missing.
  private func consecutiveRows(_ database: Database) throws -> Int {
    var count = 0
    var isWhole = true
    try database.scan { key, _ in
      isWhole = isWhole && key == bytes("key-\(1_000_000 + count)")
      count += 1
      return isWhole
    }
    #expect(isWhole)
    return count
  }

  @Test("what a killed commit left is removed with a warning")
  func leftOver() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<10)
    for suffix in ["", ".tmp"] {
      let directory = try bench.scratch.directory("db.ckptfs-orders\(suffix)")
      try FileSystemCalls.makeDirectory(directory.appending("sub"))
      try directory.appending("sub/file").write("left over")
    }
    let report = try bench.store.commit(checkpointOf: database, to: bench.orders)
    #expect(report.warnings.count == 2)
    #expect(report.warnings.allSatisfy { $0.contains("db.ckptfs-orders") })
    #expect(try bench.scratch.path.names == ["db", "store"])
    #expect(try bench.restored(report, "restored").rows.count == 10)
  }

  @Test("a commit that fails removes its directory, and two do not use one at a time")
  func failure() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<10)
    let options = CommitOptions(tag: try TagName("t"))
    let refused = Mutex<SnapshotError?>(nil)
    _ = try bench.store.commit(
      checkpointOf: database, to: bench.orders, options: options
    ) { _ in
      do throws(SnapshotError) {
        _ = try bench.store.commit(checkpointOf: database, to: bench.orders)
      } catch {
        refused.withLock { $0 = error }
      }
    }
    #expect(refused.withLock { $0?.code } == .store(.busy))
    let error = try bench.refusal {
      _ = try bench.store.commit(checkpointOf: database, to: bench.orders, options: options)
    }
    #expect(error.code == .store(.exists))
    #expect(try bench.scratch.path.names == ["db", "store"])
  }
}

/// How far a writer is, and whether it shall stop.
private final class Writer: Sendable {
  private let count = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)

  /// Rows that were written for certain.
  var written: Int { count.load(ordering: .acquiring) }
  var isDone: Bool { stopped.load(ordering: .acquiring) }

  func wrote(_ rows: Int) { count.store(rows, ordering: .releasing) }
  func stop() { stopped.store(true, ordering: .releasing) }
}
