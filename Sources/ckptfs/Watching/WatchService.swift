// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FoundationEssentials
import Glibc
import LinuxFiles
import Snapshots
import SystemPackage

/// One watch over a database, by this process.
struct WatchService {
  let path: FilePath
  let database: FilePath
  let history: HistoryName
  let method: WatchMethod
  let ingest: IngestPolicy
  /// `nil` keeps all.
  let policy: RetentionPolicy?
  let scrub: ScrubRate?
  let format: FormatOptions

  /// Takes snapshots until a signal comes.
  ///
  /// - Throws: what is wrong from the beginning, and stays so.
  func run(every period: Duration) throws {
    let ending = WatchEnding()
    let supervisor = WatchSupervisor(ProcessInfo.processInfo.environment)
    try Self.requireStore(path)
    supervisor.tell(.ready)
    let scrubbing = scrub.map {
      ScrubService(path: path, rate: $0, format: format).start(ending, supervisor)
    }
    if !format.isJSON {
      for assumption in method.assumptions { ErrorOutput.write(line: "assumed: \(assumption)") }
    }
    var plan = WatchPlan(every: period)
    while !ending.isRequested {
      let start = ContinuousClock.now
      supervisor.tell(.alive)
      try look(&plan, ending, supervisor)
      let pause = plan.pause(after: ContinuousClock.now - start)
      if ending.wait(for: pause, interval: supervisor.interval, { supervisor.tell(.alive) }) {
        break
      }
    }
    supervisor.tell(.stopping)
    try scrubbing?()
  }

  /// Scrubs until a signal comes, with no database to watch.
  ///
  /// - Throws: as `run(every:)`.
  static func scrub(_ path: FilePath, at rate: ScrubRate, _ format: FormatOptions) throws {
    let ending = WatchEnding()
    let supervisor = WatchSupervisor(ProcessInfo.processInfo.environment)
    try requireStore(path)
    supervisor.tell(.ready)
    try ScrubService(path: path, rate: rate, format: format).run(ending, supervisor)
    supervisor.tell(.stopping)
  }

  /// A store that is absent is a mistake to tell at once; one that is busy is waited for.
  private static func requireStore(_ path: FilePath) throws {
    do throws(StoreError) {
      _ = try Store(at: path)
    } catch {
      guard error.code == .busy else { throw error }
    }
  }

  /// Looks once, and tells what is new.
  ///
  /// - Throws: only when nobody can be told.
  private func look(
    _ plan: inout WatchPlan, _ ending: WatchEnding, _ supervisor: WatchSupervisor
  ) throws {
    do {
      // Opened each time: a catalog that is rebuilt in between is the one to use then.
      let store = try Store(at: path)
      var options = CommitOptions(ingest: ingest, omitsUnchanged: true)
      options.cancellation = ending.cancellation
      let (report, notes) = try method.take(database, to: history, in: store, options) { _ in
        supervisor.tellAlive()
      }
      let reference = CheckpointReference(history: report.history, number: report.number)
      if report.isExisting {
        if plan.note(.unchanged) { try format.print(WatchEvent.unchanged(reference)) }
      } else {
        _ = plan.note(.taken)
        try format.print(WatchEvent.checkpoint(report, notes: notes))
        try prune(store)
      }
    } catch {
      if ClosedOutput.isReason(for: error) { throw error }
      if ending.isRequested { return }
      let failure = Failure(error)
      if plan.note(.failed(code: failure.code)) {
        ErrorOutput.write(
          Failure(failure.status, failure.code, "\(failure.message) (waiting)"),
          asJSON: format.isJSON)
      }
      if failure.code == "io" { releaseLeftovers() }
    }
  }

  /// Frees what an attempt had brought in that failed, as on a full disk: else the next one finds no more room.
  private func releaseLeftovers() {
    // Where this fails, too, the next attempt tells.
    _ = try? Store(at: path, freeing: true).collectGarbage()
  }

  private func prune(_ store: Store) throws {
    guard let policy else { return }
    let plan = try store.retention(of: try store.history(named: history), by: policy)
    guard !plan.dropped.isEmpty else { return }
    try store.drop(plan.dropped, force: false)
    let collection = try store.collectGarbage()
    try format.print(WatchEvent.pruned(history, plan.dropped.map(\.number), collection))
  }
}
