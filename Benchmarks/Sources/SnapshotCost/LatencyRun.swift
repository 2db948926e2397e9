// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import RocksDB
import Snapshots
import Synchronization
import SystemPackage

/// What writers notice of checkpoints: one thread puts, another takes a checkpoint every second.
///
/// In the first third of the time it puts as fast as it can, which tells the throughput; there a put that takes long waits for a processor.
/// Then it puts at a steady pace that leaves the processors idle most of the time, which tells how long puts take.
struct LatencyRun {
  enum Contender {
    case none
    case bare(FlushPolicy)
    case engine(FlushPolicy)

    init(_ text: String) throws {
      let policies: [String: FlushPolicy] = [
        "always": .always, "never": .never, "log": .whenLog(exceeds: 16 << 20),
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
    let writer = PutLoop(database, perSecond: 20_000)
    let thread = Thread { writer.run() }
    thread.stackSize = 1 << 20
    thread.start()
    let start = ContinuousClock.now
    try await Task.sleep(for: .milliseconds(500))
    var costs = Costs()
    let pause = start + duration / 3
    let round = try checkpoints(of: database)
    try await repeating(round, until: pause, &costs)
    writer.begin(at: .pace)
    costs = Costs()
    try await repeating(round, until: start + duration, &costs)
    return try writer.stop(costs)
  }

  struct Costs {
    var synchronous: [Double] = []
    var flush: [Double] = []
    var asynchronous: [Double] = []
  }

  private typealias Round = (inout Costs) async throws -> Void

  private func checkpoints(of database: Database) throws -> Round? {
    switch contender {
    case .none: return nil
    case .bare(let policy):
      var number = 0
      return { costs in
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
      return { costs in
        let report = try await engine.takeSnapshot().materialize()
        costs.synchronous.append(report.synchronousDuration / .milliseconds(1))
        costs.flush.append(report.flushDuration / .milliseconds(1))
        costs.asynchronous.append(report.asynchronousDuration / .milliseconds(1))
      }
    }
  }

  private func repeating(
    _ round: Round?, until end: ContinuousClock.Instant, _ costs: inout Costs
  ) async throws {
    var next = ContinuousClock.now
    while let round, next < end {
      try await round(&costs)
      next = max(next + .seconds(1), ContinuousClock.now)
      try await Task.sleep(until: min(next, end))
    }
    try await Task.sleep(until: end)
  }
}

/// Puts random rows until it is told to stop, and keeps how long each took.
private final class PutLoop: Sendable {
  enum Speed: Int {
    case greatest, pace, none
  }

  private struct Outcome {
    var putsPerSecond = 0.0
    var nanoseconds: [UInt32] = []
  }

  private let database: Database
  private let perSecond: Int
  private let speed = Atomic(Speed.greatest.rawValue)
  private let result = Mutex<Result<Outcome, any Error>?>(nil)

  init(_ database: Database, perSecond: Int) {
    self.database = database
    self.perSecond = perSecond
  }

  func begin(at speed: Speed) { self.speed.store(speed.rawValue, ordering: .relaxed) }

  private func isAt(_ speed: Speed) -> Bool {
    self.speed.load(ordering: .relaxed) == speed.rawValue
  }

  func run() {
    let outcome = Result { try putAll() }
    result.withLock { $0 = outcome }
  }

  private func putAll() throws -> Outcome {
    var outcome = Outcome()
    var numbers = Rows.Sequence(state: 7)
    var count = 0
    func put() throws -> Duration {
      count += 1
      let row = Int.random(in: 0..<1_000_000, using: &numbers)
      let (key, value) = (Rows.key(row), Rows.value(row &+ count))
      return try ContinuousClock().measure { try database.put(key, value) }
    }
    let start = ContinuousClock.now
    while isAt(.greatest) { _ = try put() }
    outcome.putsPerSecond = Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    var due = ContinuousClock.now
    while isAt(.pace) {
      // A burst every millisecond; after a long put those that it held up follow at once.
      while due <= ContinuousClock.now {
        for _ in 0..<perSecond / 1000 {
          outcome.nanoseconds.append(UInt32(clamping: Int(try put() / .nanoseconds(1))))
        }
        due += .milliseconds(1)
      }
      usleep(200)
    }
    return outcome
  }

  func stop(_ costs: LatencyRun.Costs) throws -> LatencyRun.Figures {
    begin(at: .none)
    while result.withLock({ $0 == nil }) { usleep(1000) }
    guard let outcome = try result.withLock({ try $0?.get() }) else {
      preconditionFailure("it has ended")
    }
    let sorted = outcome.nanoseconds.sorted()
    func quantile(_ part: Double) -> Double {
      Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]) / 1000
    }
    return LatencyRun.Figures(
      putsPerSecond: outcome.putsPerSecond, p50: quantile(0.5), p99: quantile(0.99),
      p999: quantile(0.999), greatest: quantile(1), synchronous: costs.synchronous,
      flush: costs.flush, asynchronous: costs.asynchronous)
  }
}
