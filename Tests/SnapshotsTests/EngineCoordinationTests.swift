// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct EngineCoordinationTests {
  private static let coordinated = EngineOptions(confirmation: .byCoordinator)

  @Test("only what a coordinator has confirmed is a base")
  func bases() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database, Self.coordinated)
    var numbers: [CheckpointNumber] = []
    var bases: [CheckpointNumber?] = []
    func snapshot() async throws {
      try database.fill(100 * numbers.count..<100 * (numbers.count + 1))
      let report = try await engine.takeSnapshot().materialize()
      numbers.append(report.number)
      bases.append(report.base)
    }
    try await snapshot()
    try await snapshot()
    #expect(try await engine.unconfirmed() == numbers)
    try await engine.notifyComplete(numbers[0])
    try await snapshot()
    try await engine.notifyComplete(numbers[2])
    try await engine.notifyComplete(numbers[2])
    try await snapshot()
    #expect(bases == [nil, nil, numbers[0], numbers[2]])
    #expect(try await engine.unconfirmed() == [numbers[1], numbers[3]])
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("an aborted checkpoint goes, though it be the latest, and takes nothing from another")
  func abort() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database, Self.coordinated)
    try database.fill(0..<1000)
    let first = try await engine.takeSnapshot().materialize()
    try database.fill(1000..<2000)
    let second = try await engine.takeSnapshot().materialize()
    #expect(second.keptFiles > 0)
    // The second has what it shares with the first, and a third begins to use both.
    let third = try engine.takeSnapshot()
    try await engine.notifyAborted(first.number)
    try await engine.notifyAborted(first.number)
    _ = try bench.store.collectGarbage()
    let report = try await third.materialize { progress in
      guard progress.phase == .completing else { return }
      _ = try? bench.store.withdraw(bench.record(second))
      _ = try? bench.store.collectGarbage()
    }
    #expect(report.newFiles < report.files)
    #expect(try bench.numbers == [report.number.rawValue])
    #expect(try bench.rows(report.number).count == 2000)

    try await engine.notifyAborted(report.number)
    #expect(try bench.numbers.isEmpty)
    try bench.expectEmpty()
    let next = try await engine.takeSnapshot().materialize()
    #expect(next.number.rawValue == 4)
    #expect(try bench.rows(next.number).count == 2000)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("what was confirmed is not aborted, nor the other way round")
  func contradictions() async throws {
    let bench = try Bench()
    let engine = try bench.engine(try bench.database("db"), Self.coordinated)
    let (one, two, three) = (try number(1), try number(2), try number(3))
    _ = try await engine.takeSnapshot(number: one).materialize()
    try await engine.notifyComplete(one)
    #expect(
      try await refusal { try await engine.notifyAborted(one) }.code == .store(.refused))
    _ = try await engine.takeSnapshot(number: two).materialize()
    try await engine.notifyAborted(two)
    #expect(
      try await refusal { try await engine.notifyComplete(two) }.code
        == .store(.noSuchCheckpoint))
    #expect(
      try await refusal {
        _ = try await engine.takeSnapshot(number: two).materialize()
      }.code == .store(.refused))

    let snapshot = try engine.takeSnapshot(number: three)
    #expect(
      try await refusal { try await engine.notifyComplete(three) }.code == .store(.busy))
    _ = try await snapshot.materialize()
    try bench.store.tag(try bench.record(three), as: try TagName("keep"))
    let error = try await refusal { try await engine.notifyAborted(three) }
    #expect(error.code == .store(.refused) && error.message.contains("'keep'"))
    #expect(try bench.numbers == [1, 3])
  }

  @Test("an abort cancels a snapshot that has not ended")
  func abortInFlight() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    let engine = try bench.engine(database, Self.coordinated)
    let snapshot = try engine.takeSnapshot()
    try await engine.notifyAborted(snapshot.number)
    #expect(
      try await refusal { _ = try await snapshot.materialize() }.code == .cancelled)
    try bench.expectNothingLocal()
    try bench.expectEmpty()
    try await engine.notifyAborted(try number(99))
  }

  @Test("the next engine takes the answers that the last one did not live to hear")
  func restart() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    do {
      let engine = try bench.engine(database, Self.coordinated)
      for _ in 0..<3 { _ = try await engine.takeSnapshot().materialize() }
    }
    let store = try Store(at: bench.store.path)
    let engine = try SnapshotEngine(
      database: database, store: store, history: bench.orders, options: Self.coordinated)
    #expect(try await engine.unconfirmed().map(\.rawValue) == [1, 2, 3])
    try await engine.notifyComplete(try number(2))
    try await engine.notifyAborted(try number(3))
    try await engine.notifyAborted(try number(1))
    #expect(try await engine.unconfirmed().isEmpty)
    let report = try await engine.takeSnapshot().materialize()
    #expect(report.number.rawValue == 4 && report.base?.rawValue == 2)
    #expect(try bench.rows(report.number).count == 1000)
  }

  @Test(
    "a base that is dropped and collected while it is compared with is still there for the snapshot"
  )
  func lostBase() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    let engine = try bench.engine(database)
    let base = try await engine.takeSnapshot(number: try number(1)).materialize()
    try database.createCheckpoint(at: bench("other"), flush: .always)
    try database.fill(1000..<2000)
    let report = try await engine.takeSnapshot(number: try number(3)).materialize { progress in
      guard progress.phase == .ingesting, progress.doneBytes == 0 else { return }
      _ = try? bench.store.commit(
        bench("other"), to: bench.orders, options: CommitOptions(number: try? number(2)))
      _ = try? bench.store.drop([bench.record(base)], force: false)
      _ = try? bench.store.collectGarbage()
    }
    #expect(report.base == base.number)
    #expect(try bench.numbers == [2, 3])
    #expect(try bench.rows(report.number).count == 2000)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }
}
