// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
import LinuxFiles
public import RocksDB
public import SystemPackage

extension Store {
  /// Takes a snapshot of a database that this process has open, while it is used.
  ///
  /// RocksDB makes a checkpoint by hard links; that is the moment the snapshot is of, and all that writers
  /// may notice. The rest is as in ``commit(_:to:options:progress:)``.
  ///
  /// - Parameters:
  ///   - workingDirectory: where the checkpoint's directory is made and removed again; it must exist. On another file
  ///     system than the database's, all is copied. The parent of the database's directory for `nil`.
  ///   - flush: whether memtables are flushed first; `always` where writes skip the log.
  public func commit(
    checkpointOf database: Database, workingDirectory: FilePath? = nil,
    flush: LogFlushPolicy = .always, to history: HistoryName,
    options: CommitOptions = CommitOptions(), progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> CommitReport {
    try translating {
      let source = try committable(database.path)
      let parent =
        try workingDirectory.map(FileSystemCalls.resolve) ?? source.removingLastComponent()
      let name = "\(source.lastComponent?.string ?? "database").ckptfs-\(history)"
      let temporary = TemporaryCheckpoint(
        database: database, path: parent.appending(name), flush: flush)
      try refuseOverlap(temporary.path)
      return try temporary.use { warnings in
        try commit(temporary.path, to: history, options, warnings: warnings, progress)
      }
    }
  }
}
