// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

extension CheckpointTree {
  /// What `stat` shows.
  ///
  /// Times: a checkpoint, the directories in it and its link in `by-time` have its completion;
  /// files the modification at their source; `tags`, `by-time` and their history its last change; the
  /// root the last change of any history, or when it was mounted while that cannot be told: on the way to `status.json`,
  /// which says why, it must be there.
  ///
  /// - Throws: ``TreeError/absent`` when the node is not there (any more).
  package func attributes(of inode: Inode) throws(TreeError) -> NodeAttributes {
    switch inode {
    case .root:
      .directory(inode, owner: mountOwner, modified: lastChange() ?? facts.mounted)
    case .history(let id), .tags(let id), .byTime(let id):
      attributes(of: inode, in: try history(id))
    case .latest(let id): latestAttributes(try latest(of: id))
    case .tag(let id): attributes(of: try tag(id))
    case .time(let id): timeAttributes(try checkpoint(id))
    case .checkpoint(let id): attributes(of: try checkpoint(id))
    case .entry(let id, let ordinal):
      try attributes(of: try entry(ordinal, of: id), in: id)
    case .shared(let shared): attributes(of: shared, try sharedFile(shared))
    case .control(let node): try attributes(of: node)
    }
  }

  /// A history itself, or its `tags` or `by-time`.
  func attributes(of inode: Inode, in record: HistoryRecord) -> NodeAttributes {
    .directory(inode, owner: mountOwner, modified: record.changed)
  }

  func attributes(of record: CheckpointRecord) -> NodeAttributes {
    .directory(
      .checkpoint(record.id), owner: owner(record.owner), modified: record.completed)
  }

  func latestAttributes(_ record: CheckpointRecord) -> NodeAttributes {
    .link(
      .latest(record.history), target: latestTarget(record), owner: mountOwner,
      modified: record.completed)
  }

  func timeAttributes(_ record: CheckpointRecord) -> NodeAttributes {
    .link(
      .time(record.id), target: siblingTarget(record.number), owner: mountOwner,
      modified: record.completed)
  }

  func attributes(of record: TagRecord) -> NodeAttributes {
    .link(
      .tag(record.id), target: siblingTarget(record.number), owner: mountOwner,
      modified: record.created)
  }

  /// - Parameter completed: of the checkpoint, where it is at hand already.
  func attributes(
    of record: EntryRecord, in id: CheckpointID, completed: Timestamp? = nil
  ) throws(TreeError) -> NodeAttributes {
    let inode = Self.inode(of: record, in: id)
    let owner = owner(record.owner)
    switch record.entry.kind {
    case .directory:
      let modified = if let completed { completed } else { try checkpoint(id).completed }
      return .directory(inode, owner: owner, modified: modified)
    case .link(let target):
      let modified = if let completed { completed } else { try checkpoint(id).completed }
      return .link(inode, target: target, owner: owner, modified: modified)
    case .own(let content):
      return .file(
        inode, generation: Self.generation(of: content.digest), size: content.size, owner: owner,
        modified: content.modified)
    case .shared(let content):
      return .file(
        inode, size: content.size, links: Self.links(record.references), owner: owner,
        modified: content.modified)
    }
  }

  func attributes(of inode: SharedInode, _ record: SharedFileRecord) -> NodeAttributes {
    .file(
      .shared(inode), size: record.content.size, links: Self.links(record.references),
      owner: owner(record.owner), modified: record.content.modified)
  }

  static func inode(of record: EntryRecord, in id: CheckpointID) -> Inode {
    if case .shared(let content) = record.entry.kind { return .shared(SharedInode(content.digest)) }
    return .entry(id, ordinal: record.ordinal)
  }

  /// The kernel keeps 32 bits of it.
  private static func generation(of digest: Digest) -> UInt32 {
    UInt32(truncatingIfNeeded: SharedInode(digest).rawValue)
  }

  /// Never 0, which programs take for a file that was removed.
  private static func links(_ references: Int64) -> UInt32 {
    max(1, UInt32(clamping: references))
  }
}
