// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import Foundation
import GRDB

extension SQLiteCatalog {
  package func lastCompletion(in history: HistoryID) throws(CatalogError) -> Timestamp? {
    try read { db in try Self.lastCompletion(db, in: history) }
  }

  /// Dropped ones count, so that a directory's time never goes back.
  static func lastCompletion(
    _ db: Database, in history: HistoryID
  ) throws -> Timestamp? {
    try db.row(
      "SELECT completed FROM checkpoint WHERE history = ? ORDER BY completed DESC LIMIT 1",
      [history.rawValue]
    ) { try $0.moment(0) }
  }

  private static func page(_ db: Database, _ digest: Digest) throws -> Int64? {
    try db.row(
      """
      SELECT page.id FROM blob JOIN page ON page.id = blob.id
      WHERE digest = ? AND kind = 1 AND stored = 1
      """, [digest.data]
    ) { $0.integer(0) }
  }

  package func complete(_ draft: CompletionDraft) throws(CatalogError) {
    let pending = draft.pending
    let checkpoint = draft.checkpoint
    try write(.completeTransaction) { db in
      try Self.checkAlive(db, pending)
      if let last = try Self.lastCompletion(db, in: pending.history), last >= checkpoint.completed {
        throw CatalogError(.overtaken, "another checkpoint of \(pending.historyName) was faster")
      }
      try Self.insertCompleted(db, checkpoint, of: pending) {
        try Self.countKept(db, draft)
        for case .made(let page, let sources) in draft.pages {
          try Self.count(db, page, sources, of: draft)
        }
      }
      if let tag = draft.tag {
        _ = try Self.insertTag(
          db, tag, checkpoint, pending.historyName, now: checkpoint.completed)
      }
    }
  }

  /// Makes a pending checkpoint a completed one, which `addPages` gives its pages.
  static func insertCompleted(
    _ db: Database, _ checkpoint: CheckpointRecord, of pending: PendingRecord,
    addPages: () throws -> Void
  ) throws {
    let isFirst = try lastCompleted(db, in: pending.history) == nil
    // Also when a clock went back meanwhile: who follows the history looks at nothing else.
    try touch(db, pending.history, now: checkpoint.completed)
    try insert(db, checkpoint)
    try addPages()
    try forget(db, pending: pending.id.rawValue)
    try Steps.perform(.recordOutbox) {
      if isFirst { try post(db, .writeHistory(pending.history.rawValue)) }
      try post(
        db,
        .placeManifest(
          history: pending.history.rawValue, number: pending.number.rawValue,
          checkpoint: pending.id.rawValue))
    }
  }

  static func insert(_ db: Database, _ checkpoint: CheckpointRecord) throws {
    try db.run(
      """
      INSERT INTO checkpoint (\(CheckpointRecord.columns), state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
      """,
      [
        checkpoint.id.rawValue, checkpoint.history.rawValue, checkpoint.number.rawValue,
        checkpoint.completed.nanoseconds, Int64(checkpoint.owner.user),
        Int64(checkpoint.owner.group), checkpoint.files, checkpoint.fullBytes,
        checkpoint.newBytes,
      ])
    try db.run(
      "UPDATE history SET changed = max(changed, ?2), next_number = max(next_number, ?3 + 1) WHERE id = ?1",
      [
        checkpoint.history.rawValue, checkpoint.completed.nanoseconds,
        checkpoint.number.rawValue,
      ])
  }

  /// Gives the checkpoint the pages that it has from its base, all in two statements.
  private static func countKept(_ db: Database, _ draft: CompletionDraft) throws {
    let kept = draft.pages.compactMap { draft in
      if case .kept(let record) = draft { record.blob.name.incarnation.rawValue } else { nil }
    }
    guard let base = draft.pending.base, !kept.isEmpty else { return }
    let ids = "[" + kept.map(String.init).joined(separator: ",") + "]"
    try db.run(
      """
      INSERT INTO checkpoint_page (checkpoint, stream, first, page)
      SELECT ?, stream, first, page FROM checkpoint_page
      WHERE checkpoint = ? AND page IN (SELECT value FROM json_each(?))
      """, [draft.checkpoint.id.rawValue, base.id.rawValue, ids])
    guard db.changesCount == kept.count else { throw expired(draft.pending) }
    try db.run(
      """
      UPDATE page SET refs = refs + 1, holders = holders + 1
      WHERE id IN (SELECT value FROM json_each(?))
      """, [ids])
    guard db.changesCount == kept.count else { throw expired(draft.pending) }
  }

  /// Gives the checkpoint a page.
  private static func count(
    _ db: Database, _ page: Page, _ sources: Digest?, of draft: CompletionDraft
  ) throws {
    let id = try known(
      db, page, placed: draft.placedPages[page.digest], sources, for: draft.pending)
    try refer(db, draft.checkpoint.id, to: page, id: id)
  }

  /// The id of a page, which is recorded first if it is new.
  ///
  /// - Parameter placed: the name under which its text was placed, if the base does not have it.
  static func known(
    _ db: Database, _ page: Page, placed: BlobName?, _ sources: Digest?,
    for pending: PendingRecord
  ) throws -> Int64 {
    let id: Int64
    if let known = try self.page(db, page.digest) {
      id = known
    } else {
      guard let placed else { throw expired(pending) }
      id = try settle(db, placed, .page, for: pending).name.incarnation.rawValue
      try insert(db, page, id: id) { expired(pending) }
    }
    if let sources {
      try db.run("UPDATE page SET sources = ? WHERE id = ?", [sources.data, id])
    }
    return id
  }

  /// Adds a page to what a checkpoint has, and one to the page's count.
  static func refer(
    _ db: Database, _ checkpoint: CheckpointID, to page: Page, id: Int64
  ) throws {
    try db.run(
      "INSERT INTO checkpoint_page (checkpoint, stream, first, page) VALUES (?, ?, ?, ?)",
      [checkpoint.rawValue, page.stream.rawValue, Data(page.first.bytes).databaseValue, id])
    if Steps.isLeftOut(.countPage) { return }
    try db.run("UPDATE page SET refs = refs + 1, holders = holders + 1 WHERE id = ?", [id])
  }

  /// Records a page that nothing refers to yet.
  static func insert(
    _ db: Database, _ page: Page, id: Int64, missing: () -> CatalogError
  ) throws {
    try db.run(
      "INSERT INTO page (id, entries, bytes, refs, holders) VALUES (?, ?, ?, 0, 0)",
      [id, page.entries.count, page.bytes])
    try db.run(
      "INSERT INTO page_text (page, content) VALUES (?, ?)",
      [id, Data(page.encoded).databaseValue])
    for (digest, times) in page.references {
      guard let blob = try stored(db, digest, .content) else { throw missing() }
      try db.run(
        "INSERT INTO page_blob (blob, page, times) VALUES (?, ?, ?)",
        [blob.name.incarnation.rawValue, id, times])
    }
  }

  static func post(
    _ db: Database, _ action: OutboxItem.Action, dropped: CheckpointID? = nil
  ) throws {
    let text = String(decoding: try JSONEncoder().encode(action), as: UTF8.self)
    try db.run(
      "INSERT INTO outbox (dropped, action) VALUES (?, ?)", [dropped?.rawValue, text])
  }

  package func outbox() throws(CatalogError) -> [OutboxItem] {
    try read { db in
      try db.rows("SELECT id, action FROM outbox ORDER BY id") { row in
        let text: String = row[1]
        return OutboxItem(
          id: row.integer(0),
          action: try JSONDecoder().decode(OutboxItem.Action.self, from: Data(text.utf8)))
      }
    }
  }

  package func finish(_ items: [OutboxItem]) throws(CatalogError) {
    try write(.outboxTransaction) { db in
      for item in items { try db.run("DELETE FROM outbox WHERE id = ?", [item.id]) }
    }
  }
}
