// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
import RocksDB
public import SystemPackage

extension Store {
  /// Takes a snapshot of a database that no process has open, without opening or changing it.
  ///
  /// Durable on return. RocksDB's own lock is held meanwhile, so that nobody can open it; where there is
  /// no LOCK file, none is made, and this fails if somebody opens the database meanwhile. Only files that the
  /// database needs are kept, with its logs, and files that are not RocksDB's.
  ///
  /// - Throws: ``SnapshotError`` with code `live` when a process has it open, else as ``commit(_:to:options:progress:)``.
  public func snapshot(
    ofClosedDatabase path: FilePath, to history: HistoryName,
    options: CommitOptions = CommitOptions(), progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> CommitReport {
    try translating {
      let snapshot = ClosedDatabaseSnapshot(
        store: self, directory: try committable(path), history: history, options: options,
        progress: progress)
      return try snapshot.take()
    }
  }
}

/// One run of taking a closed database in.
private struct ClosedDatabaseSnapshot {
  let store: Store
  let directory: FilePath
  let history: HistoryName
  let options: CommitOptions
  let progress: ProgressHandler?

  func take() throws -> CommitReport {
    if !options.isUnchecked { try Judgement.check(isDatabase: directory, .closedDatabase) }
    if try probe() == .absent { return try run(isLocked: false) }
    let lock = try self.lock()
    let report = try run(isLocked: true)
    _ = consume lock  // held until here
    return report
  }

  private func probe() throws -> DirectoryLock.State {
    let state = try DirectoryLock.probe(directory)
    if case .held(let pid) = state { throw live(pid, cause: nil) }
    return state
  }

  private func lock() throws -> DirectoryLock {
    do throws(DirectoryLockError) {
      return try DirectoryLock(locking: directory)
    } catch {
      if case .held(_, let pid) = error { throw live(pid, cause: error) }
      throw error
    }
  }

  private func live(_ pid: Int32?, cause: (any Error)?) -> SnapshotError {
    SnapshotError(
      .live,
      "'\(directory)' is open in \(Locks.holder(pid)); close it first, let that program make a "
        + "RocksDB checkpoint and commit it, or take it as it runs: ckptfs snapshot --live",
      cause: cause)
  }

  private func run(isLocked: Bool) throws -> CommitReport {
    let tree = try DirectoryTree(at: directory)
    let locks = try Locks(in: tree, includingTop: !isLocked)
    let selection: Selection
    if options.isUnchecked {
      selection = Selection(checkpoint: tree)
    } else {
      let description = try Judgement(tree: tree, kind: .closedDatabase).judge()
      try LogDirectory.check(tree, description)
      selection = Selection(closedDatabase: tree, description)
    }
    // Never linked: whoever opens it next may write to its files in place.
    let commit = Commit(
      store: store, history: history, options: options, linking: false, warnings: [],
      progress: progress)
    return try commit.take(selection, of: tree, recheck: locks.recheck)
  }
}
