// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
import LinuxFiles
public import RocksDB
import Synchronization
import SystemPackage

/// Takes incremental snapshots of a database that this process has open, as checkpoints of one history.
///
/// A snapshot has two parts. ``takeSnapshot(number:states:)`` fixes a moment on the caller's thread and is as short as RocksDB
/// lets it be. ``PendingSnapshot/materialize(progress:)`` does the rest beside the writers: compares with the last completed
/// checkpoint, reads what is new, and completes, or leaves nothing.
///
///     let engine = try SnapshotEngine(database: database, store: store, history: HistoryName("orders"))
///     let snapshot = try engine.takeSnapshot(states: [clicks])
///     let report = try await snapshot.materialize()
///
/// All methods may be called from any thread. One history has one engine, and nobody else commits to it, since the engine
/// numbers checkpoints in the order of their moments. An engine holds its working directory's lock until it
/// and its snapshots are gone.
///
/// The seed is Flink's RocksDBIncrementalSnapshotOperation; what was learnt from it since is in `Documentation/Engine.md`.
public final class SnapshotEngine: Sendable {
  public let database: Database
  public let store: Store
  public let history: HistoryName
  public let options: EngineOptions
  /// What an engine whose process died had left and was removed now, each on a line.
  public let warnings: [String]
  let local: LocalDirectory
  let threads: BlockingThreads
  private let snapshots: Mutex<Snapshots>
  /// Held while a moment is fixed, so that numbers that the engine gives follow the moments.
  private let taking = Mutex<Void>(())

  /// The snapshots that have not ended.
  private struct Snapshots {
    /// What the next gets that is given no number.
    var next: CheckpointNumber
    /// `nil` while RocksDB makes its checkpoint.
    var flights: [CheckpointNumber: SnapshotFlight?] = [:]
  }

  /// Makes an engine, and removes what one whose process died left in the working directory.
  ///
  /// - Throws: ``SnapshotError`` with code `store(.busy)` when another engine has the working directory; `invalid` when the
  ///   database is open for reading only, or the store overlaps its directory or the working directory.
  public init(
    database: Database, store: Store, history: HistoryName,
    options: EngineOptions = EngineOptions()
  ) throws(SnapshotError) {
    precondition(options.workers > 0, "somebody must read the files")
    let (local, warnings, next) = try translating {
      guard !database.isReadOnly else {
        // What RocksDB makes of it may lack rows, and nothing tells.
        throw SnapshotError(
          .invalid,
          "'\(database.path)' is open for reading only, so somebody else may write to it; let that program "
            + "take the snapshot")
      }
      let source = try store.committable(database.path)
      let parent =
        try options.workingDirectory.map(FileSystemCalls.resolve)
        ?? source.removingLastComponent()
      let name = "\(source.lastComponent?.string ?? "database").ckptfs-\(history)"
      let path = parent.appending(name)
      try store.refuseOverlap(path)
      let local = try LocalDirectory(path)
      return (local, try local.prune(), try store.nextNumber(of: history))
    }
    self.database = database
    self.store = store
    self.history = history
    self.options = options
    self.local = local
    self.warnings = warnings
    threads = BlockingThreads("ckptfs.snapshots.\(history)")
    snapshots = Mutex(Snapshots(next: next))
  }

  /// Fixes this moment of the database: flushes as ``EngineOptions/flush`` says, then has RocksDB make a
  /// checkpoint by hard links.
  ///
  /// The snapshot holds everything that was acknowledged to a writer before the call, of every column family, and no write
  /// in part, where it is logged or the database flushes its families as one. Of writes that go on meanwhile it holds some; where all are logged, those are a prefix. Several that are called at a time
  /// follow each other.
  ///
  /// - Parameters:
  ///   - number: the next of the history for `nil`; a coordinator gives its own, each once.
  ///   - states: what the caller wants to know of its state when it restores it, kept in the checkpoint (``StateInformation``).
  /// - Throws: ``SnapshotError`` with code `store(.busy)` when a snapshot of this number has not ended, `unlogged` when
  ///   the options say so, `database` when RocksDB failed. Nothing is left then.
  public func takeSnapshot(
    number: CheckpointNumber? = nil, states: [StateDescriptor] = []
  ) throws(SnapshotError) -> PendingSnapshot {
    let start = ContinuousClock.now
    try checkColumnFamilies(states)
    return try taking.withLock { (_) throws(SnapshotError) in
      try take(try enter(number), states, since: start)
    }
  }

  private func take(
    _ number: CheckpointNumber, _ states: [StateDescriptor], since start: ContinuousClock.Instant
  ) throws(SnapshotError) -> PendingSnapshot {
    do {
      let warnings = try local.clear(for: number)
      let flush = try createCheckpoint(at: local.checkpoint(number))
      let taken = SnapshotFlight.Taken(
        states: states, duration: ContinuousClock.now - start, flush: flush, warnings: warnings)
      let flight = SnapshotFlight(number, taken, self)
      snapshots.withLock { $0.flights[number] = flight }
      return PendingSnapshot(flight)
    } catch {
      snapshots.withLock { _ = $0.flights.removeValue(forKey: number) }
      // What RocksDB has made of it in part goes before the next one of this number, at the latest.
      _ = try? local.clear(for: number)
      throw SnapshotError(error)
    }
  }

  /// Flushes the memtables of all column families now, so that the next snapshot's flush, or log, is short.
  ///
  /// It waits until RocksDB can flush without stalling writers, on a thread of its own; the caller's task is suspended meanwhile. Begin
  /// it ahead of ``takeSnapshot(number:states:)`` by about the time that writing a memtable takes.
  public func flushAhead() async throws(SnapshotError) {
    try await threads.run { [self] in
      Result { () throws(SnapshotError) in try translating { try flushAll() } }
    }.get()
  }

  // MARK: Flushing

  private func flushAll() throws {
    guard database.flushesAtomically else { return try database.flush() }
    // Families flushed one by one would tear batches apart that skip the log. Only a checkpoint flushes them as one.
    let path = local.newFlushDirectory()
    defer { try? FileSystemCalls.removeTree(path) }  // else the next engine does
    try database.createCheckpoint(at: path, flush: .always)
  }

  /// - Returns: how much of the time went into flushing.
  private func createCheckpoint(at path: FilePath) throws -> Duration {
    guard try mustFlush() else {
      try database.createCheckpoint(at: path, flush: .never)
      return .zero
    }
    if database.flushesAtomically {
      return try ContinuousClock().measure {
        try database.createCheckpoint(at: path, flush: .always)
      }
    }
    let flush = try ContinuousClock().measure { try database.flush() }
    try database.createCheckpoint(at: path, flush: .never)
    return flush
  }

  private func mustFlush() throws -> Bool {
    if try policyFlushes() { return true }
    guard database.mayHoldUnloggedWrites else { return false }
    switch options.unloggedWrites {
    case .flush: return true
    case .refuse:
      throw SnapshotError(
        .unlogged,
        "'\(database.path)' has writes that skipped the log and were not flushed: a snapshot without a "
          + "flush would lose them; flush the database first, or use another flush policy")
    }
  }

  private func policyFlushes() throws -> Bool {
    switch options.flush {
    case .always: true
    case .never: false
    case .whenLog(let bytes): try LogDirectory.logBytes(in: database.path) > bytes
    }
  }

  // MARK: Numbers

  private func enter(_ number: CheckpointNumber?) throws(SnapshotError) -> CheckpointNumber {
    let (number, isFree) = snapshots.withLock { snapshots in
      let number = number ?? snapshots.next
      guard snapshots.flights[number] == nil else { return (number, false) }
      snapshots.flights[number] = .some(nil)
      snapshots.next = max(snapshots.next, number.next)
      return (number, true)
    }
    guard isFree else { throw busy(number) }
    return number
  }

  func leave(_ flight: SnapshotFlight) {
    snapshots.withLock { _ = $0.flights.removeValue(forKey: flight.number) }
  }

  /// Numbers on from what others have given: this engine is not alone in its history.
  func renumber() throws(StoreError) {
    let next = try store.nextNumber(of: history)
    snapshots.withLock { $0.next = max($0.next, next) }
  }

  /// The snapshot of this number that was taken and has not ended.
  ///
  /// - Throws: code `store(.busy)` while it is being taken.
  func flight(_ number: CheckpointNumber) throws(SnapshotError) -> SnapshotFlight? {
    switch snapshots.withLock({ $0.flights[number] }) {
    case .none: return nil
    case .some(let flight?): return flight
    case .some(nil): throw busy(number)
    }
  }

  private func busy(_ number: CheckpointNumber) -> SnapshotError {
    SnapshotError(
      .store(.busy),
      "the snapshot \(history)/\(number.directoryName) has not ended; cancel it, wait for it, or choose "
        + "another number")
  }

  private func checkColumnFamilies(_ states: [StateDescriptor]) throws(SnapshotError) {
    for state in states where database.columnFamily(state.columnFamily) == nil {
      throw SnapshotError(
        .invalid,
        "the state '\(state.name)' is said to be in column family '\(state.columnFamily)', which "
          + "'\(database.path)' does not have")
    }
  }
}
