// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import GRDB

extension SQLiteCatalog {
  package func commitShard(
    _ draft: ShardDraft, now: Timestamp, at moment: BootTime
  ) throws(CatalogError) -> ShardOutcome {
    let pending = draft.pending
    return try write(.shardTransaction) { db in
      try Self.checkAlive(db, pending)
      guard let gathering = try Self.gathering(db, pending.id) else { throw Self.expired(pending) }
      try Steps.perform(.fenceDeadline) {
        if gathering.deadline.remaining(at: moment) <= .zero { throw Self.expired(pending) }
      }
      guard let shard = gathering.shards.first(where: { $0.name == draft.shard }) else {
        throw Self.isNotNamed(draft.shard, gathering)
      }
      guard shard.summary == nil else { throw Self.isCommitted(draft) }
      try Self.hold(db, draft)
      try Self.record(db, draft)
      if gathering.missing.count > 1 {
        guard let rest = try Self.gathering(db, pending.id) else { throw Self.expired(pending) }
        return .pending(rest)
      }
      return .completed(try Self.complete(db, pending, now: now))
    }
  }

  private static func isCommitted(_ draft: ShardDraft) -> CatalogError {
    CatalogError(
      .exists,
      "shard '\(draft.shard)' of \(draft.pending.historyName)/\(draft.pending.number.directoryName) was "
        + "committed by another process; commit it again to compare the two")
  }

  static func isNotNamed(_ shard: ShardName, _ gathering: Gathering) -> CatalogError {
    CatalogError(
      .refused,
      "\(gathering.pending.historyName)/\(gathering.pending.number.directoryName) was begun with the shards "
        + "\(list(gathering.shards.map(\.name))); '\(shard)' is none of them")
  }

  static func list(_ shards: [ShardName]) -> String {
    shards.map(\.rawValue).joined(separator: ", ")
  }

  /// Gives the shard its pages: held, they and their contents stay, whoever else lets go of them.
  private static func hold(_ db: Database, _ draft: ShardDraft) throws {
    let id = draft.pending.id.rawValue
    for page in draft.pages {
      let (page, first) = try pageToHold(db, page, of: draft)
      try db.run(
        "INSERT INTO shard_page (pending, shard, stream, first, page) VALUES (?, ?, ?, ?, ?)",
        [id, draft.shard.rawValue, first.stream.rawValue, first.path.data, page])
      try Steps.perform(.holdPage) {
        try db.run("UPDATE page SET holders = holders + 1 WHERE id = ?", [page])
        guard db.changesCount == 1 else { throw expired(draft.pending) }
      }
    }
  }

  private static func pageToHold(
    _ db: Database, _ page: PageDraft, of draft: ShardDraft
  ) throws -> (id: Int64, first: (stream: PageStream, path: EntryPath)) {
    switch page {
    case .kept(let record):
      // Of the base, which is leased.
      return (record.blob.name.incarnation.rawValue, (record.stream, record.first))
    case .made(let page, let sources):
      let id = try known(
        db, page, placed: draft.placedPages[page.digest], sources, for: draft.pending)
      return (id, (page.stream, page.first))
    }
  }

  private static func record(_ db: Database, _ draft: ShardDraft) throws {
    try db.run(
      """
      UPDATE shard SET committed = 1, owner_user = ?, owner_group = ?, files = ?, full_bytes = ?, new_bytes = ?
      WHERE pending = ? AND name = ?
      """,
      [
        Int64(draft.summary.owner.user), Int64(draft.summary.owner.group), draft.summary.files,
        draft.summary.fullBytes, draft.summary.newBytes, draft.pending.id.rawValue,
        draft.shard.rawValue,
      ])
  }

  /// Makes a gathering whose shards are all there a completed checkpoint: their pages, counted.
  private static func complete(
    _ db: Database, _ pending: PendingRecord, now: Timestamp
  ) throws -> CheckpointRecord {
    guard let gathering = try gathering(db, pending.id) else { throw expired(pending) }
    try checkNumberOfOwnFiles(db, pending)
    let last = try lastCompletion(db, in: pending.history)
    let summaries = gathering.shards.compactMap(\.summary)
    let checkpoint = CheckpointRecord(
      id: pending.id, history: pending.history, number: pending.number,
      completed: max(now, Timestamp(nanoseconds: (last?.nanoseconds ?? 0) + 1)),
      // That of the first by name, so that it does not depend on who came last.
      owner: summaries[0].owner, files: summaries.lazy.map(\.files).sum(),
      fullBytes: summaries.lazy.map(\.fullBytes).sum(),
      newBytes: summaries.lazy.map(\.newBytes).sum())
    try insertCompleted(db, checkpoint, of: pending) {
      let id = pending.id.rawValue
      // They are held already: what was the shards' is the checkpoint's.
      try db.run(
        """
        INSERT INTO checkpoint_page (checkpoint, stream, first, page)
        SELECT pending, stream, first, page FROM shard_page WHERE pending = ?
        """, [id])
      try db.run(
        """
        UPDATE page SET refs = refs + 1
        WHERE id IN (SELECT page FROM shard_page WHERE pending = ?)
        """, [id])
      try forgetShards(db, of: id)
    }
    return checkpoint
  }

  /// Inode numbers have 24 bits for the files that are not shared.
  private static func checkNumberOfOwnFiles(_ db: Database, _ pending: PendingRecord) throws {
    let own = try db.row(
      """
      SELECT ifnull(sum(entries), 0) FROM shard_page JOIN page ON page.id = page
      WHERE pending = ? AND stream = 0
      """, [pending.id.rawValue]
    ) { $0.integer(0) }
    guard own ?? 0 < 1 << 24 else {
      throw CatalogError(
        .refused,
        "\(pending.historyName)/\(pending.number.directoryName) would have more than 16,777,215 "
          + "files and directories beside its tables")
    }
  }
}
