// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints
import DurabilitySteps
import GRDB

extension SQLiteCatalog {
  package func gather(
    _ request: GatheringRequest, now: Timestamp, at moment: BootTime,
    isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) -> GatheringBeginning {
    try write(.beginTransaction) { db in
      try Self.expire(db, at: moment)
      let history = try Self.historyForBeginning(db, request.history, now)
      if let number = request.number {
        if let done = try Self.completed(db, number, of: history, request.history) {
          return .completed(done)
        }
        if let known = try Self.gathering(db, number, of: request.history) {
          guard Set(known.shards.map(\.name)) == request.shards else {
            throw CatalogError(
              .busy,
              "\(request.history)/\(number.directoryName) is pending with other shards: "
                + "\(Self.list(known.shards.map(\.name))); 'ckptfs abort' gives it up")
          }
          return .existing(known)
        }
      }
      let pending = try Self.insertPending(
        db, request.number, of: history, request.history, request.owner, isAlive)
      try Self.insert(db, request, as: pending, at: moment)
      guard let begun = try Self.gathering(db, pending.id) else {
        preconditionFailure("what a transaction inserted is there")
      }
      return .begun(begun)
    }
  }

  private static func insert(
    _ db: Database, _ request: GatheringRequest, as pending: PendingRecord, at moment: BootTime
  ) throws {
    let deadline = Deadline(request.period, from: moment)
    try db.run(
      "INSERT INTO gathering (pending, boot, deadline, period) VALUES (?, ?, ?, ?)",
      [
        pending.id.rawValue, deadline.moment.boot, deadline.moment.nanoseconds, deadline.period,
      ])
    for shard in request.shards {
      try db.run(
        "INSERT INTO shard (pending, name) VALUES (?, ?)", [pending.id.rawValue, shard.rawValue])
    }
    // A shard that comes after this was given up must not be taken for one of the next.
    try db.run(
      "UPDATE history SET next_number = max(next_number, ?2 + 1) WHERE id = ?1",
      [pending.history.rawValue, pending.number.rawValue])
  }

  // MARK: Committing shards

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

  private static func list(_ shards: [ShardName]) -> String {
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

  // MARK: Giving up

  package func abort(
    _ number: CheckpointNumber, of name: HistoryName, isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) {
    try write(.abortTransaction) { db in
      let pending = try db.row(
        """
        SELECT pending.id, owner, EXISTS (SELECT 1 FROM gathering WHERE pending = pending.id)
        FROM pending JOIN history ON history.id = history WHERE history.name = ? AND number = ?
        """, [name.rawValue, number.rawValue]
      ) { (id: $0.integer(0), owner: $0[1] as String, isGathering: $0.integer(2) != 0) }
      guard let pending else { throw try Self.notPending(db, number, of: name) }
      if !pending.isGathering, let owner = OwnerToken(pending.owner), try isAlive(owner) {
        throw CatalogError(
          .busy,
          "\(name)/\(number.directoryName) is being taken by one process; end that process to give it up"
        )
      }
      try Self.giveUp(db, pending: pending.id)
      try Self.forgetEmptyHistories(db)
    }
  }

  private static func notPending(
    _ db: Database, _ number: CheckpointNumber, of name: HistoryName
  ) throws -> CatalogError {
    let isCompleted = try db.row(
      """
      SELECT 1 FROM checkpoint JOIN history ON history.id = history
      WHERE history.name = ? AND number = ? AND state = 0
      """, [name.rawValue, number.rawValue]
    ) { _ in true }
    if isCompleted == true {
      return CatalogError(
        .refused,
        "\(name)/\(number.directoryName) is completed, not pending; 'ckptfs drop' takes it away")
    }
    return CatalogError(
      .noSuchCheckpoint,
      "there is no pending checkpoint \(name)/\(number.directoryName); 'ckptfs stats' lists them")
  }

  package func expire(at moment: BootTime) throws(CatalogError) {
    try write(.abortTransaction) { db in try Self.expire(db, at: moment) }
  }

  private static func expire(_ db: Database, at moment: BootTime) throws {
    for gathering in try gatherings(db) where gathering.deadline.remaining(at: moment) <= .zero {
      try giveUp(db, pending: gathering.pending.id.rawValue)
    }
  }

  package func expired(at moment: BootTime) throws(CatalogError) -> [OwnerToken] {
    try gatherings().filter { $0.deadline.remaining(at: moment) <= .zero }.map(\.pending.owner)
  }

  /// Forgets a pending checkpoint, and releases what its shards hold.
  static func giveUp(_ db: Database, pending id: Int64) throws {
    let pages = try db.rows("SELECT page FROM shard_page WHERE pending = ?", [id]) {
      $0.integer(0)
    }
    for page in pages { try release(db, page: page) }
    try forgetShards(db, of: id)
    try forget(db, pending: id)
  }

  private static func forgetShards(_ db: Database, of id: Int64) throws {
    try db.run("DELETE FROM shard_page WHERE pending = ?", [id])
    try db.run("DELETE FROM shard WHERE pending = ?", [id])
    try db.run("DELETE FROM gathering WHERE pending = ?", [id])
  }

  // MARK: Reading

  package func gatherings() throws(CatalogError) -> [Gathering] {
    try read { db in try Self.gatherings(db) }
  }

  private static func gatherings(_ db: Database) throws -> [Gathering] {
    try db.rows("SELECT pending FROM gathering ORDER BY pending") {
      CheckpointID(rawValue: $0.integer(0))
    }.compactMap { try gathering(db, $0) }
  }

  package func gathering(
    _ number: CheckpointNumber, of history: HistoryName
  ) throws(CatalogError) -> Gathering? {
    try read { db in try Self.gathering(db, number, of: history) }
  }

  private static func gathering(
    _ db: Database, _ number: CheckpointNumber, of name: HistoryName
  ) throws -> Gathering? {
    let id = try db.row(
      """
      SELECT pending.id FROM pending JOIN history ON history.id = history
      WHERE history.name = ? AND number = ?
      """, [name.rawValue, number.rawValue]
    ) { CheckpointID(rawValue: $0.integer(0)) }
    return try id.flatMap { try gathering(db, $0) }
  }

  /// By id, since its history may get another name at any time.
  private static func gathering(_ db: Database, _ id: CheckpointID) throws -> Gathering? {
    let found = try db.row(
      """
      SELECT history.name, number, history, owner, base, boot, deadline, period
      FROM gathering JOIN pending ON pending.id = gathering.pending
      JOIN history ON history.id = history WHERE pending.id = ?
      """, [id.rawValue]
    ) { row in
      let moment = BootTime(boot: row[5], nanoseconds: try row.amount(6))
      return (
        name: try row.name(0) as HistoryName, number: try row.number(1),
        history: HistoryID(rawValue: row.integer(2)), owner: OwnerToken(row[3] as String),
        base: row[4] as Int64?, deadline: Deadline(moment: moment, period: try row.amount(7))
      )
    }
    guard let found else { return nil }
    guard let owner = found.owner else {
      throw CatalogError(.unusable, "the catalog holds an owner that is none; run 'ckptfs fsck'")
    }
    let base = try found.base.flatMap { id in
      try db.row(
        "SELECT \(CheckpointRecord.columns) FROM checkpoint WHERE id = ?", [id],
        CheckpointRecord.init)
    }
    return Gathering(
      pending: PendingRecord(
        id: id, history: found.history, historyName: found.name, number: found.number,
        owner: owner, base: base),
      deadline: found.deadline, shards: try shards(db, of: id.rawValue))
  }

  private static func shards(_ db: Database, of pending: Int64) throws -> [Gathering.Shard] {
    try db.rows(
      """
      SELECT name, committed, owner_user, owner_group, files, full_bytes, new_bytes FROM shard
      WHERE pending = ? ORDER BY name
      """, [pending]
    ) { row in
      let summary = ShardSummary(
        owner: row.ownership(2), files: try row.amount(4), fullBytes: try row.amount(5),
        newBytes: try row.amount(6))
      return Gathering.Shard(
        name: try row.name(0), summary: row.integer(1) == 0 ? nil : summary)
    }
  }

  package func pages(
    of shard: ShardName, in pending: PendingRecord
  ) throws(CatalogError) -> [Page] {
    try read { db in
      let texts = try db.rows(
        """
        SELECT shard_page.page, content FROM shard_page
        JOIN page_text ON page_text.page = shard_page.page
        WHERE pending = ? AND shard = ? ORDER BY stream, first
        """, [pending.id.rawValue, shard.rawValue]
      ) { (id: $0.integer(0), text: $0.bytes(1)) }
      return try texts.map { try Self.decoded($0.text, page: $0.id) }
    }
  }

  package func wasGivenUp(
    _ number: CheckpointNumber, of history: HistoryName
  ) throws(CatalogError) -> Bool {
    try read { db in
      try db.row(
        "SELECT 1 FROM history WHERE name = ? AND next_number > ?",
        [history.rawValue, number.rawValue]
      ) { _ in true } ?? false
    }
  }
}
