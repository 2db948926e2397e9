// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
import LinuxFiles
public import SystemPackage

extension Store {
  /// Keeps a directory as one shard of a checkpoint that was begun with it, and completes the checkpoint if it is the
  /// last one.
  ///
  /// As ``commit(_:to:options:progress:)`` otherwise. The shard again, with identical content, is no failure.
  ///
  /// - Throws: ``SnapshotError`` with code `exists` when the shard was committed with other content, `store(.expired)` when
  ///   the checkpoint was given up.
  public func commit(
    _ directory: FilePath, as shard: ShardName, of checkpoint: CheckpointReference,
    ingest: IngestPolicy = .auto, isUnchecked: Bool = false, progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> ShardReport {
    try translating {
      let (tree, locks) = try judged(directory, isUnchecked: isUnchecked)
      let commit = ShardCommit(
        store: self, checkpoint: checkpoint, shard: shard, tree: tree, locks: locks,
        policy: ingest, progress: progress)
      return try commit.take()
    }
  }
}

/// The taking of one directory as a shard.
private struct ShardCommit {
  let store: Store
  let checkpoint: CheckpointReference
  let shard: ShardName
  let tree: DirectoryTree
  let locks: Locks
  let policy: IngestPolicy
  let progress: ProgressHandler?
  let start = ContinuousClock.now

  func take() throws -> ShardReport {
    let selection = Selection(checkpoint: tree)
    let root = SeenFile(
      // Its place in the checkpoint is the store's affair.
      SourceFile(
        path: try EntryPath(shard.rawValue), place: FileLocation(tree.root), kind: .directory),
      tree.status)
    switch try store.begin(shard, of: checkpoint) {
    case .committed(let committed):
      return try compare(selection, root, with: committed)
    case .pending(let pending):
      let ingested = try pending.ingest(
        selection.files, of: root, policy: policy, linking: !locks.isDatabase, progress: progress)
      try tree.recheck()
      try locks.recheck()
      let owner = Ownership(user: tree.status.user, group: tree.status.group)
      let result: ShardResult
      do throws(StoreError) {
        result = try pending.commit(ingested, owner: owner)
      } catch {
        // Another process was faster, perhaps with the same.
        guard error.code == .exists,
          case .committed(let first) = try store.begin(shard, of: checkpoint)
        else { throw error }
        return try compare(selection, root, with: first)
      }
      return ShardReport(
        checkpoint: checkpoint, shard: shard, files: result.files, newFiles: result.newFiles,
        fullBytes: result.fullBytes, newBytes: result.newBytes,
        duration: ContinuousClock.now - start, isExisting: false, skipped: selection.skipped,
        warnings: LinkWarning(policy, linking: !locks.isDatabase).lines, state: result.state)
    }
  }

  private func compare(
    _ selection: Selection, _ root: SeenFile, with committed: CommittedShard
  ) throws -> ShardReport {
    let difference = try store.firstDifference(
      between: selection.files, of: root, and: committed, progress: progress)
    if let difference {
      throw SnapshotError(
        .exists,
        "shard '\(shard)' of \(checkpoint) was committed already with other content: "
          + "'\(difference)' differs; a shard cannot be replaced")
    }
    try tree.check()
    try locks.recheck()
    return ShardReport(
      checkpoint: checkpoint, shard: shard, files: committed.files, newFiles: 0,
      fullBytes: committed.fullBytes, newBytes: 0, duration: ContinuousClock.now - start,
      isExisting: true, skipped: selection.skipped, warnings: [], state: committed.state)
  }
}
