// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Glibc
import LinuxFiles
import RocksDB
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct EngineCrashTests {
  @Test(
    "a process that is killed while it materialises leaves what gc collects, and a directory for the next engine",
    arguments: [0, 1, 2])
  func killed(_ phase: Int) async throws {
    let bench = try Bench()
    let (store, path) = (bench.store.path.string, bench("db").string)
    let fraction = phase
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [store = store as String, path = path as String, fraction = fraction as Int] in
      try await Self.die(atPhase: fraction, store: FilePath(store), database: FilePath(path))
    }
    let left = bench("db.ckptfs-orders")
    #expect(try !left.names.isEmpty)
    let database = try Database(bench("db"))
    let engine = try bench.engine(database)
    #expect(engine.warnings.count >= 1 && engine.warnings[0].contains("chk-"))
    #expect(try left.names.isEmpty)
    _ = try bench.store.collectGarbage()
    #expect(try bench.store.statistics().checkpoints == 1)
    #expect(try bench.store.statistics().unreferencedBlobs == 0)
    #expect(try bench("store/staging").names.isEmpty)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
    let report = try await engine.takeSnapshot().materialize()
    #expect(report.base?.rawValue == 1)
    #expect(try bench.rows(report.number).count == 40_000)
  }

  private static func die(atPhase index: Int, store: FilePath, database path: FilePath) async throws
  {
    let database = try Database(path)
    try database.fill(0..<1000)
    let engine = try SnapshotEngine(
      database: database, store: try Store(at: store), history: try HistoryName("orders"),
      options: EngineOptions(ingest: .copy))
    _ = try await engine.takeSnapshot().materialize()
    try database.fill(1000..<40_000)
    let other = try engine.takeSnapshot(number: CheckpointNumber(rawValue: 5))
    _ = try await engine.takeSnapshot().materialize { progress in
      if progress.phase == SnapshotProgress.Phase.allCases[index] { kill(getpid(), SIGKILL) }
    }
    _ = consume other
  }
}
