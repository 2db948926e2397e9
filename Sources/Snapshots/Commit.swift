// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// The taking of one directory into a history, whatever kind of directory it is.
///
/// What is judged is what is kept: the tree is listed first, then judged, then taken in, then listed
/// again, and refused unless both lists agree.
struct Commit {
  let store: Store
  let history: HistoryName
  let options: CommitOptions
  let linking: Bool
  let warnings: [String]
  let progress: ProgressHandler?
  /// When the taking began.
  var start = ContinuousClock.now

  /// - Parameter recheck: done after everything was taken in; what it throws gives the checkpoint up.
  func take(
    _ selection: Selection, of tree: DirectoryTree, recheck: () throws -> Void
  ) throws -> CommitReport {
    if options.omitsUnchanged, let latest = try latestCheckpoint(),
      try store.firstDifference(
        between: selection.files, and: latest, cancellation: options.cancellation) == nil
    {
      return try existing(latest, selection, tree, recheck)
    }
    switch try store.begin(history, number: options.number) {
    case .completed(let record):
      return try compare(selection, tree, record, recheck)
    case .pending(let pending):
      let ingested = try pending.ingest(
        selection.files, policy: options.ingest, linking: linking,
        cancellation: options.cancellation, progress: progress)
      // What was kept was looked at again by now: what else there is must not have come or gone.
      try tree.recheck()
      try recheck()
      let result = try pending.complete(
        ingested, owner: Ownership(user: tree.status.user, group: tree.status.group),
        tag: options.tag)
      return report(
        result.checkpoint, of: result.history, newFiles: result.newFiles,
        newBytes: result.checkpoint.newBytes, isExisting: false, newTag: options.tag, selection)
    }
  }

  private func compare(
    _ selection: Selection, _ tree: DirectoryTree, _ record: CheckpointRecord,
    _ recheck: () throws -> Void
  ) throws -> CommitReport {
    let difference = try store.firstDifference(
      between: selection.files, and: record, progress: progress)
    if let difference {
      throw SnapshotError(
        .exists,
        "\(history)/\(record.number.directoryName) exists already with other content: "
          + "'\(difference)' differs; choose another --number, or leave it out")
    }
    return try existing(record, selection, tree, recheck)
  }

  private func latestCheckpoint() throws -> CheckpointRecord? {
    do throws(StoreError) {
      return try store.checkpoint(CheckpointSelector(history: history, point: .latest))
    } catch {
      if error.code == .noSuchHistory || error.code == .noSuchCheckpoint { return nil }
      throw error
    }
  }

  /// What is there already, after another look at what was compared with it.
  private func existing(
    _ record: CheckpointRecord, _ selection: Selection, _ tree: DirectoryTree,
    _ recheck: () throws -> Void
  ) throws -> CommitReport {
    try tree.check()
    try recheck()
    let newTag = try store.add(options.tag, to: record, of: history)
    return report(
      record, of: history, newFiles: 0, newBytes: 0, isExisting: true, newTag: newTag, selection)
  }

  private func report(
    _ record: CheckpointRecord, of history: HistoryName, newFiles: Int64, newBytes: Int64,
    isExisting: Bool, newTag: TagName?, _ selection: Selection
  ) -> CommitReport {
    CommitReport(
      history: history, number: record.number, files: record.files, newFiles: newFiles,
      keptFiles: record.files - newFiles, fullBytes: record.fullBytes, newBytes: newBytes,
      duration: ContinuousClock.now - start, isExisting: isExisting, newTag: newTag,
      skipped: selection.skipped,
      warnings: warnings + LinkWarning(options.ingest, linking: linking).lines)
  }
}

extension Store {
  /// Gives a checkpoint that was there already the tag that was asked for.
  ///
  /// - Returns: the tag, unless the checkpoint had it.
  func add(
    _ tag: TagName?, to record: CheckpointRecord, of history: HistoryName
  ) throws(StoreError) -> TagName? {
    guard let tag else { return nil }
    let isKnown = try tags(of: try self.history(named: history)).contains {
      $0.name == tag && $0.checkpoint == record.id
    }
    try self.tag(record, as: tag)
    return isKnown ? nil : tag
  }
}
