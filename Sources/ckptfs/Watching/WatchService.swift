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

  /// What changes from one look to the next.
  private struct Course {
    var plan: WatchPlan
    var memory: WatchMemory?
    var teller: WatchTeller
  }

  /// Takes snapshots until a signal comes.
  ///
  /// - Throws: what is wrong from the beginning, and stays so.
  func run(every period: Duration) throws {
    let ending = WatchEnding()
    let supervisor = WatchSupervisor(ProcessInfo.processInfo.environment)
    try Self.requireStore(path)
    supervisor.tell(.ready)
    let scrubbing = scrub.map {
      ScrubService(path: path, rate: $0, format: format).start(ending)
    }
    if !format.isJSON {
      for assumption in method.assumptions { ErrorOutput.write(line: "assumed: \(assumption)") }
    }
    var course = Course(plan: WatchPlan(every: period), teller: WatchTeller(format))
    while !ending.isRequested {
      let start = ContinuousClock.now
      supervisor.tell(.alive)
      try look(&course, ending, supervisor)
      let pause = course.plan.pause(after: ContinuousClock.now - start)
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
    _ course: inout Course, _ ending: WatchEnding, _ supervisor: WatchSupervisor
  ) throws {
    do {
      // Opened each time: a catalog that is rebuilt in between is the one to use then.
      let store = try Store(at: path)
      // Before the snapshot, which then holds at least what was seen.
      let look = try method.look(at: database, in: store)
      if let look, let known = try course.memory?.checkpoint(of: history, holding: look, in: store)
      {
        return try tellUnchanged(since: known, &course)
      }
      let (report, notes) = try take(in: store, ending, supervisor)
      if report.isExisting {
        try tellUnchanged(
          since: CheckpointReference(history: report.history, number: report.number), &course)
      } else {
        _ = course.plan.note(.taken)
        try course.teller.tell(WatchEvent.checkpoint(report, notes: notes))
      }
      course.memory = try look.flatMap { try WatchMemory($0, report, in: store) }
      if !report.isExisting { try prune(store, &course) }
    } catch {
      if ClosedOutput.isReason(for: error) { throw error }
      if ending.isRequested { return }
      let failure = Failure(error)
      if course.plan.note(.failed(code: failure.code)) { course.teller.tell(failure) }
      if failure.code == "io" { releaseLeftovers() }
    }
  }

  private func take(
    in store: Store, _ ending: WatchEnding, _ supervisor: WatchSupervisor
  ) throws -> (report: CommitReport, notes: [String]) {
    var options = CommitOptions(ingest: ingest, omitsUnchanged: true)
    options.cancellation = ending.cancellation
    return try method.take(database, to: history, in: store, options) { _ in
      supervisor.tellAlive()
    }
  }

  private func tellUnchanged(
    since checkpoint: CheckpointReference, _ course: inout Course
  ) throws {
    if course.plan.note(.unchanged) { try course.teller.tell(WatchEvent.unchanged(checkpoint)) }
  }

  /// Frees what an attempt had brought in that failed, as on a full disk: else the next one finds no more room.
  private func releaseLeftovers() {
    // Where this fails, too, the next attempt tells.
    _ = try? Store(at: path, freeing: true).collectGarbage()
  }

  private func prune(_ store: Store, _ course: inout Course) throws {
    guard let policy else { return }
    let plan = try store.retention(of: try store.history(named: history), by: policy)
    guard !plan.dropped.isEmpty else { return }
    try store.drop(plan.dropped, force: false)
    let collection = try store.collectGarbage()
    try course.teller.tell(
      WatchEvent.pruned(history, plan.dropped.map(\.number), collection))
  }
}
