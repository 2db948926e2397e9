// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import Logging

/// A source as a tree of directories, files and links.
///
///     orders/                                      a history
///       chk-1/ … chk-42/                           checkpoints, with their files
///       latest -> chk-42
///       tags/before-upgrade -> ../chk-17
///       by-time/2026-11-22T101500Z-chk-42 -> ../chk-42
///     .ckptfs/                                     looked up, but not listed
///       status.json, metrics
///       checkpoints/orders/chk-42.json
///
/// Of the source it remembers nothing: each question goes to the source anew, so that an answer is never older
/// than the question, memory does not grow with what was looked at, and any inode is answered for
/// in a process that never saw it before. How long answers stay true is ``CacheTimes``.
package struct CheckpointTree: Sendable {
  let source: any Source
  package let options: MountOptions
  let facts: MountFacts
  let state: MountState

  package init(
    source: any Source, options: MountOptions, facts: MountFacts, logger: Logger
  ) {
    self.source = source
    self.options = options
    self.facts = facts
    state = MountState(logger: logger)
  }
}

/// Records by id, where their absence is an error.
extension CheckpointTree {
  func ask<Answer>(
    _ question: (any Source) throws(SourceError) -> Answer
  ) throws(TreeError) -> Answer {
    do {
      return try question(source)
    } catch {
      throw .source(error)
    }
  }

  func require<Record>(
    _ question: (any Source) throws(SourceError) -> Record?
  ) throws(TreeError) -> Record {
    guard let record = try ask(question) else { throw .absent }
    return record
  }

  func history(_ id: HistoryID) throws(TreeError) -> HistoryRecord {
    try require { source throws(SourceError) in try source.history(id) }
  }

  func checkpoint(_ id: CheckpointID) throws(TreeError) -> CheckpointRecord {
    try require { source throws(SourceError) in try source.checkpoint(id) }
  }

  func latest(of id: HistoryID) throws(TreeError) -> CheckpointRecord {
    try require { source throws(SourceError) in try source.latestCheckpoint(of: id) }
  }

  func tag(_ id: TagID) throws(TreeError) -> TagRecord {
    try require { source throws(SourceError) in try source.tag(id) }
  }

  func sharedFile(_ inode: SharedInode) throws(TreeError) -> SharedFileRecord {
    try require { source throws(SourceError) in try source.sharedFile(inode) }
  }

  /// What the inode `.entry(id, ordinal)` stands for; a shared file has another.
  func entry(_ ordinal: Int, of id: CheckpointID) throws(TreeError) -> EntryRecord {
    let record = try require { source throws(SourceError) in try source.entry(ordinal, of: id) }
    if record.entry.isShared { throw .absent }
    return record
  }

  /// The path of a directory within a checkpoint.
  func directory(_ ordinal: Int, of id: CheckpointID) throws(TreeError) -> EntryPath {
    let entry = try entry(ordinal, of: id).entry
    guard entry.kind == .directory else { throw .notADirectory }
    return entry.path
  }

  /// The latest change in any history; `nil` where there is none, or the source cannot tell, which counts as a fault.
  func lastChange() -> Timestamp? {
    do {
      return try latestChange()
    } catch {
      state.faults.note(error)
      return nil
    }
  }

  /// Reads all histories in portions.
  private func latestChange() throws(TreeError) -> Timestamp? {
    var changed: Timestamp?
    var last: HistoryID?
    while true {
      let portion = try ask { source throws(SourceError) in
        try source.histories(after: last, limit: Self.portion)
      }
      guard let end = portion.last else { return changed }
      last = end.id
      for record in portion { changed = max(changed ?? record.changed, record.changed) }
    }
  }

  /// How many records are asked for at a time where all are wanted.
  static let portion = 256
}

/// Owners, unless a mount option says another.
extension CheckpointTree {
  func owner(_ committed: Ownership) -> Ownership {
    Ownership(user: options.user ?? committed.user, group: options.group ?? committed.group)
  }

  var mountOwner: Ownership { owner(facts.owner) }
}
