// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
import LinuxFiles
import RocksDB
public import SystemPackage

extension Store {
  /// Takes a snapshot of a database that another process has open and writes, without its help.
  ///
  /// Durable on return. The snapshot is of one moment: it holds all that had been written when this was called, a batch whole or not at
  /// all, and nothing after what it lacks. The database's directory is only read: its files get second names elsewhere for a
  /// moment, its logs are copied, its LOCK is not touched. What this rests on is in ``LiveSnapshotReport/assumptions``.
  ///
  /// - Parameters:
  ///   - options: `isUnchecked` means nothing here.
  ///   - workingDirectory: where a directory is made and removed again, on the file system of the database, outside of it; the parent
  ///     of the database's directory for `nil`.
  /// - Throws: ``SnapshotError`` with code `busy` when the database changes too fast, `unsupported` when it is set up or written to in a
  ///   way that this does not cover, `damaged` or `incomplete` when what is found is not sound.
  public func snapshot(
    ofLiveDatabase path: FilePath, to history: HistoryName,
    options: CommitOptions = CommitOptions(), workingDirectory: FilePath? = nil,
    progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> LiveSnapshotReport {
    try translating {
      let snapshot = LiveDatabaseSnapshot(
        store: self, directory: try committable(path), history: history, options: options,
        progress: progress)
      return try snapshot.take(in: workingDirectory)
    }
  }

  /// Looks at the names, sizes and times of a database's files; none is opened.
  ///
  /// Where a snapshot was taken after a look, another look that is the same tells that the next snapshot would hold no more.
  /// - Throws: ``SnapshotError`` with code `notFound` when there is no directory.
  public func look(
    atLiveDatabase path: FilePath
  ) throws(SnapshotError) -> LiveDatabaseLook {
    try translating { try LiveDatabaseLook(at: try committable(path)) }
  }
}

/// One run of taking a live database in.
private struct LiveDatabaseSnapshot {
  let store: Store
  let directory: FilePath
  let history: HistoryName
  let options: CommitOptions
  let progress: ProgressHandler?
  let start = ContinuousClock.now

  func take(in workingDirectory: FilePath?) throws -> LiveSnapshotReport {
    guard try FileSystemCalls.exists(directory.appending(CurrentFile.name)) else {
      throw SnapshotError(
        .invalid,
        "'\(directory)' is no RocksDB directory: it has no CURRENT; name the directory of a database"
      )
    }
    let work = try WorkingDirectory(path: place(in: workingDirectory))
    try store.refuseOverlap(work.path)
    do {
      return try work.use { try take(at: work.path, warnings: $0) }
    } catch let error as FileError where Self.isRefused(error, at: work.path) {
      throw SnapshotError(
        .io,
        "\(error), where a live snapshot is put together; name a directory on the database's file system that "
          + "may be written to with --work-directory", cause: error)
    }
  }

  private static func isRefused(_ error: FileError, at work: FilePath) -> Bool {
    guard error.path.string.hasPrefix(work.string) else { return false }
    return switch error.errno {
    case .permissionDenied, .notPermitted, .readOnlyFileSystem: true
    default: false
    }
  }

  private func place(in chosen: FilePath?) throws -> FilePath {
    let parent = try chosen.map(FileSystemCalls.resolve) ?? directory.removingLastComponent()
    guard !parent.starts(with: directory) else {
      throw SnapshotError(
        .invalid,
        "the working directory '\(parent)' is in the database's directory, which is not to be "
          + "changed; name another one")
    }
    guard try FileStatus(at: parent).device == FileStatus(at: directory).device else {
      throw SnapshotError(
        .unsupported,
        "'\(directory)' and the working directory '\(parent)' are on different file systems, so that nothing "
          + "can be linked; name a directory on the database's with --work-directory")
    }
    return parent.appending(
      "\(directory.lastComponent?.string ?? "database").ckptfs-live-\(history)")
  }

  private func take(at work: FilePath, warnings: [String]) throws -> LiveSnapshotReport {
    let snapshot = LiveSnapshot(
      database: LiveDirectory(path: directory), work: work, cancellation: options.cancellation)
    let (moment, setbacks) = try snapshot.take()
    try options.cancellation.check()
    try giveToOwner(snapshot.target)
    let tree = try DirectoryTree(at: snapshot.target)
    _ = try Judgement(tree: tree, kind: .checkpoint).judge()
    let notVerified = try LiveVerification(moment: moment, snapshot: snapshot.target).run()
    // Linked, as RocksDB's own checkpoints are: it never changes a table that its MANIFEST names.
    let commit = Commit(
      store: store, history: history, options: options, linking: true, warnings: warnings,
      progress: progress, start: start)
    return LiveSnapshotReport(
      commit: try commit.take(
        Selection(checkpoint: tree).givingAwayCopies(), of: tree, recheck: {}),
      setbacks: setbacks,
      lastSequence: moment.lastSequence, logs: moment.logs.logs.count,
      logBytes: moment.logs.logs.lazy.map(\.validLength).reduce(0, +), notVerified: notVerified,
      leftOut: moment.foreign)
  }

  /// A checkpoint belongs to the database's user, as one that its program makes does.
  private func giveToOwner(_ target: FilePath) throws {
    let (owner, own) = (try FileStatus(at: directory), try FileStatus(at: target))
    guard owner.user != own.user || owner.group != own.group else { return }
    let file = try FileSystemCalls.open(target, .readOnly, options: [.directory, .closeOnExec])
    defer { try? file.close() }  // nothing was written through it
    do throws(FileError) {
      try file.setOwner(user: owner.user, group: owner.group, path: target)
    } catch {
      // Only root can; others who may link its files are the user already, up to the group.
      guard error.errno == .notPermitted else { throw error }
    }
  }
}
