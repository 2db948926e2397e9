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

@Suite struct EngineCancellationTests {
  /// A database of several tables and an engine that copies them, so that there is something to stop.
  private func engine(_ bench: Bench) throws -> SnapshotEngine {
    let database = try bench.database("db")
    for round in 0..<4 {
      try database.fill(20_000 * round..<20_000 * (round + 1))
      try database.flush()
    }
    return try bench.engine(database, EngineOptions(ingest: .copy, workers: 2))
  }

  @Test("a snapshot that is cancelled before it is materialised leaves nothing, and cannot be")
  func before() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let snapshot = try engine.takeSnapshot()
    #expect(await snapshot.cancel())
    #expect(await snapshot.cancel())
    try bench.expectNothingLocal()
    #expect(
      try await refusal { _ = try await snapshot.materialize() }.code == .cancelled)
    try bench.expectEmpty()
    // Its number was never seen, so it may be given again.
    _ = try await engine.takeSnapshot(number: snapshot.number).materialize()
  }

  @Test("a snapshot that is let go leaves nothing")
  func letGo() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let local: FilePath
    do {
      let snapshot = try engine.takeSnapshot()
      local = bench("db.ckptfs-orders/\(snapshot.number.directoryName)")
      #expect(try local.exists)
    }
    #expect(try !local.exists)
    try bench.expectNothingLocal()
    try bench.expectEmpty()
  }

  @Test("cancelling at any word of progress leaves nothing, and the snapshot never completes")
  func everywhere() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    var words = 0
    while true {
      words += 1
      let snapshot = try engine.takeSnapshot()
      let hook = CancellingHook(atWord: words)
      hook.start { try await snapshot.materialize { _ in hook.hear() } }
      do {
        _ = try await hook.result
        break
      } catch let error as SnapshotError {
        #expect(error.code == .cancelled)
      }
      try bench.expectNothingLocal()
      // Before anything is collected.
      #expect(try bench("store/staging").names.isEmpty)
      #expect(openFiles(below: [bench("db.ckptfs-orders/chk-"), bench("store/staging/")]).isEmpty)
      try bench.expectEmpty()
      #expect(await snapshot.cancel())
    }
    // Three phases, and the pieces of four tables of more than 2 MiB.
    #expect(words > 3 + 4 * 2)
    #expect(try bench.numbers.count == 1)
  }

  /// What this process has open there.
  private func openFiles(below prefixes: [FilePath]) -> [String] {
    let manager = FileManager.default
    return ((try? manager.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [])
      .compactMap { try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
      .filter { file in prefixes.contains { file.hasPrefix($0.string) } }
  }

  @Test("cancel returns when nothing is left, and tells when it came too late")
  func race() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    var outcomes: Set<Bool> = []
    for round in 0..<200 where outcomes.count < 2 || round < 20 {
      let snapshot = try engine.takeSnapshot()
      let number = snapshot.number
      async let materialized = Result { try await snapshot.materialize() }
      // From now to later than it takes, in small steps.
      for _ in 0..<round * round { await Task.yield() }
      let wasCancelled = await snapshot.cancel()
      try bench.expectNothingLocal()
      #expect(try bench.numbers.contains(number.rawValue) == !wasCancelled)
      switch await materialized {
      case .success: #expect(!wasCancelled)
      case .failure(let error as SnapshotError):
        #expect(wasCancelled && error.code == .cancelled)
      case .failure(let error): throw error
      }
      outcomes.insert(wasCancelled)
    }
    #expect(outcomes == [true, false])
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("a snapshot whose task was cancelled before it began leaves nothing")
  func cancelledTask() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let snapshot = try engine.takeSnapshot()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await snapshot.materialize()
    }
    task.cancel()
    let error = try await refusal { _ = try await task.value }
    #expect(error.code == .cancelled)
    try bench.expectNothingLocal()
    try bench.expectEmpty()
  }

  @Test("a cancelled snapshot takes nothing away from those beside it")
  func others() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let first = try engine.takeSnapshot()
    let second = try engine.takeSnapshot()
    let third = try engine.takeSnapshot()
    _ = try await second.materialize()
    #expect(await first.cancel())
    _ = try bench.store.collectGarbage()
    _ = try await third.materialize { progress in
      if progress.phase == .completing { _ = try? bench.store.collectGarbage() }
    }
    for snapshot in [second, third] {
      #expect(try bench.rows(snapshot.number).count == 80_000)
    }
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("a snapshot that fails leaves nothing")
  func failure() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let snapshot = try engine.takeSnapshot()
    let local = bench("db.ckptfs-orders/\(snapshot.number.directoryName)")
    let error = try await refusal {
      _ = try await snapshot.materialize { progress in
        guard progress.phase == .ingesting else { return }
        for name in (try? local.names) ?? [] where name.hasSuffix(".sst") {
          try? FileSystemCalls.unlinkIfPresent(local.appending(name))
        }
      }
    }
    #expect(error.code == .changed)
    try bench.expectNothingLocal()
    try bench.expectEmpty()
    _ = try await engine.takeSnapshot().materialize()
  }

  @Test(
    "a checkpoint whose manifest cannot be written is there all the same, and nobody hears otherwise"
  )
  func unwrittenManifest() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let snapshot = try engine.takeSnapshot()
    let (manifests, away) = (bench("store/manifests"), bench("away"))
    let error = try await refusal {
      _ = try await snapshot.materialize { progress in
        guard progress.phase == .completing else { return }
        try? FileSystemCalls.rename(manifests, to: away)
        // A directory that is only gone would be made anew.
        try? manifests.write("in its place")
      }
    }
    #expect(error.message.contains("completed, but its manifest was not written"))
    #expect(await !snapshot.cancel())
    try FileSystemCalls.unlink(manifests)
    try FileSystemCalls.rename(away, to: manifests)
    try bench.expectNothingLocal()
    #expect(try await engine.takeSnapshot().materialize().base == snapshot.number)
    #expect(try bench.numbers == [1, 2])
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("a checkpoint that RocksDB cannot make leaves nothing, and its number is free")
  func failedCheckpoint() async throws {
    let bench = try Bench()
    let engine = try engine(bench)
    let local = bench("db.ckptfs-orders")
    try FileSystemCalls.removeDirectory(local)
    #expect(try bench.refusal { _ = try engine.takeSnapshot() }.code == .database)
    try FileSystemCalls.makeDirectory(local)
    #expect(try await engine.takeSnapshot(number: number(1)).materialize().number == number(1))
  }
}

/// Cancels a task when it hears a certain word of its progress.
private final class CancellingHook: Sendable {
  private typealias Work = Task<SnapshotReport, any Error>

  private let word: Int
  private let heard = Atomic<Int>(0)
  private let task = Mutex<Work?>(nil)

  init(atWord word: Int) { self.word = word }

  func start(_ body: @escaping @Sendable () async throws -> SnapshotReport) {
    // With the lock held, so that whoever hears the first word waits until the task is known.
    task.withLock { $0 = Task { try await body() } }
  }

  func hear() {
    guard heard.add(1, ordering: .relaxed).newValue == word else { return }
    task.withLock { $0?.cancel() }
  }

  var result: SnapshotReport {
    get async throws {
      guard let task = task.withLock(\.self) else { preconditionFailure("it was started") }
      return try await task.value
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
