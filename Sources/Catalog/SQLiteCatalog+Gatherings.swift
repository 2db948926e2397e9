// SPDX-License-Identifier: Apache-2.0

import BlobStore
package import Checkpoints
import GRDB

extension SQLiteCatalog {
  package func gatherings() throws(CatalogError) -> [Gathering] {
    try read { db in try Self.gatherings(db) }
  }

  static func gatherings(_ db: Database) throws -> [Gathering] {
    try db.rows("SELECT pending FROM gathering ORDER BY pending") {
      CheckpointID(rawValue: $0.integer(0))
    }.compactMap { try gathering(db, $0) }
  }

  package func gathering(
    _ number: CheckpointNumber, of history: HistoryName
  ) throws(CatalogError) -> Gathering? {
    try read { db in try Self.gathering(db, number, of: history) }
  }

  static func gathering(
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
  static func gathering(_ db: Database, _ id: CheckpointID) throws -> Gathering? {
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
