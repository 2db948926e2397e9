// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
public import SystemPackage

extension Store {
  /// Keeps a checkpoint's directory, made by any program with any RocksDB, as a checkpoint of `history`.
  ///
  /// Durable on return. Nobody may write to the directory meanwhile; where somebody does, this fails
  /// and nothing is kept. A directory with a LOCK that nobody holds is a closed database or was
  /// opened once: it is kept too, but not hard-linked, since its owner may write to it later.
  ///
  /// - Throws: ``SnapshotError`` with code `incomplete`, `damaged` or `unsupported` where its MANIFEST tells
  ///   against it, unless `options.isUnchecked`; `live` when a database is open in it; `exists` when
  ///   `options.number` was completed with other content.
  public func commit(
    _ directory: FilePath, to history: HistoryName, options: CommitOptions = CommitOptions(),
    progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> CommitReport {
    try translating {
      let (tree, locks) = try judged(directory, isUnchecked: options.isUnchecked)
      let commit = Commit(
        store: self, history: history, options: options, linking: !locks.isDatabase, warnings: [],
        progress: progress)
      return try commit.take(Selection(checkpoint: tree), of: tree, recheck: locks.recheck)
    }
  }

  /// A checkpoint's directory that is fit to be kept, and whether it is a database's.
  func judged(
    _ directory: FilePath, isUnchecked: Bool
  ) throws -> (tree: DirectoryTree, locks: Locks) {
    let directory = try committable(directory)
    if !isUnchecked { try Judgement.check(isDatabase: directory, .checkpoint) }
    try Locks.refuseLive(directory)
    let tree = try DirectoryTree(at: directory)
    let locks = try Locks(in: tree)
    if !isUnchecked { _ = try Judgement(tree: tree, kind: .checkpoint).judge() }
    return (tree, locks)
  }
}
