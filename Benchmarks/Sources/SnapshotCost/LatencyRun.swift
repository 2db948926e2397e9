// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import RocksDB
import Snapshots
import Synchronization
import SystemPackage

/// What writers notice of checkpoints: one thread puts as fast as it can, another takes a checkpoint every second.
struct LatencyRun {
  enum Contender {
    case none
    case bare(FlushPolicy)
    case engine(FlushPolicy)

    init(_ text: String) throws {
      let policies: [String: FlushPolicy] = [
        "always": .always, "never": .never, "log": .whenLog(exceeds: 32 << 20),
      ]
      let parts = text.split(separator: "-").map(String.init)
      switch (parts.first, parts.last.flatMap { policies[$0] }) {
      case ("none", _): self = .none
      case ("bare", let policy?): self = .bare(policy)
      case ("engine", let policy?): self = .engine(policy)
      default: throw CocoaError(.userCancelled)
      }
    }
  }

  struct Figures: Encodable {
    let putsPerSecond: Double
    /// Microseconds.
    let p50, p99, p999, greatest: Double
    /// Milliseconds of the synchronous parts, and of flushing in them.
    let synchronous: [Double]
    let flush: [Double]
    let asynchronous: [Double]
  }

  let directory: FilePath
  let template: FilePath
  let contender: Contender
  let memtable: Int
  let duration: Duration

  func run() async throws -> Figures {
    try FileManager.default.createDirectory(
      atPath: directory.string, withIntermediateDirectories: true)
    let path = directory.appending("db")
    try Database(template).createCheckpoint(at: path, flush: .always)
    let database = try Database(path, options: Rows.options(memtable: memtable))
    let writer = PutLoop(database)
    let thread = Thread { writer.run() }
    thread.stackSize = 1 << 20
    thread.start()
    var costs = Costs()
    let end = ContinuousClock.now + duration
    try await Task.sleep(for: .seconds(1))
    try await checkpoints(of: database, until: end, &costs)
    try await Task.sleep(until: end)
    return try writer.stop(after: duration, costs)
  }

  struct Costs {
    var synchronous: [Double] = []
    var flush: [Double] = []
    var asynchronous: [Double] = []
  }

  private func checkpoints(
    of database: Database, until end: ContinuousClock.Instant, _ costs: inout Costs
  ) async throws {
    let round: (inout Costs) async throws -> Void
    switch contender {
    case .none: return
    case .bare(let policy):
      var number = 0
      round = { costs in
        number += 1
        let target = directory.appending("chk-\(number)")
        let taken = try ContinuousClock().measure {
          try database.createCheckpoint(at: target, flush: policy)
        }
        costs.synchronous.append(taken / .milliseconds(1))
        try? FileManager.default.removeItem(
          atPath: directory.appending("chk-\(number - 1)").string)
      }
    case .engine(let policy):
      let store = directory.appending("store")
      _ = try Store.create(at: store)
      let engine = try SnapshotEngine(
        database: database, store: try Store(at: store), history: try HistoryName("db"),
        options: EngineOptions(flush: policy))
      round = { costs in
        let report = try await engine.takeSnapshot().materialize()
        costs.synchronous.append(report.synchronousDuration / .milliseconds(1))
        costs.flush.append(report.flushDuration / .milliseconds(1))
        costs.asynchronous.append(report.asynchronousDuration / .milliseconds(1))
      }
    }
    var next = ContinuousClock.now
    while next < end {
      try await round(&costs)
      next = max(next + .seconds(1), ContinuousClock.now)
      try await Task.sleep(until: min(next, end))
    }
  }
}

/// Puts random rows until it is told to stop, and keeps how long each took.
private final class PutLoop: Sendable {
  private let database: Database
  private let isDone = Atomic(false)
  private let result = Mutex<Result<[UInt32], any Error>?>(nil)

  init(_ database: Database) { self.database = database }

  func run() {
    var nanoseconds: [UInt32] = []
    nanoseconds.reserveCapacity(4_000_000)
    var numbers = Rows.Sequence(state: 7)
    let outcome = Result {
      while !isDone.load(ordering: .relaxed) {
        let row = Int.random(in: 0..<1_000_000, using: &numbers)
        let (key, value) = (Rows.key(row), Rows.value(row &+ nanoseconds.count))
        let start = ContinuousClock.now
        try database.put(key, value)
        nanoseconds.append(UInt32(clamping: Int((ContinuousClock.now - start) / .nanoseconds(1))))
      }
      return nanoseconds
    }
    result.withLock { $0 = outcome }
  }

  func stop(after duration: Duration, _ costs: LatencyRun.Costs) throws -> LatencyRun.Figures {
    isDone.store(true, ordering: .relaxed)
    while result.withLock({ $0 == nil }) { usleep(1000) }
    guard let sorted = try result.withLock({ try $0?.get() })?.sorted() else {
      preconditionFailure("it has ended")
    }
    func quantile(_ part: Double) -> Double {
      Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]) / 1000
    }
    return LatencyRun.Figures(
      putsPerSecond: Double(sorted.count) / (duration / .seconds(1)), p50: quantile(0.5),
      p99: quantile(0.99), p999: quantile(0.999), greatest: quantile(1),
      synchronous: costs.synchronous, flush: costs.flush, asynchronous: costs.asynchronous)
  }
}
