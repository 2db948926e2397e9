// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import GRDB

/// Only histories with a completed checkpoint exist for a reader.
private let visible = """
  EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.history = history.id AND state = 0)
  """

extension SQLiteCatalog {
  package func histories(
    after id: HistoryID?, limit: Int
  ) throws(CatalogError) -> [HistoryRecord] {
    try read { db in
      try db.rows(
        """
        SELECT \(HistoryRecord.columns) FROM history
        WHERE id > ? AND \(visible) ORDER BY id LIMIT ?
        """, [id?.rawValue ?? 0, limit], HistoryRecord.init)
    }
  }

  package func history(named name: HistoryName) throws(CatalogError) -> HistoryRecord? {
    try read { db in
      try db.row(
        "SELECT \(HistoryRecord.columns) FROM history WHERE name = ? AND \(visible)",
        [name.rawValue], HistoryRecord.init)
    }
  }

  package func history(_ id: HistoryID) throws(CatalogError) -> HistoryRecord? {
    try read { db in
      try db.row(
        "SELECT \(HistoryRecord.columns) FROM history WHERE id = ? AND \(visible)",
        [id.rawValue], HistoryRecord.init)
    }
  }

  package func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(CatalogError) -> [CheckpointRecord] {
    try read { db in
      try db.rows(
        """
        SELECT \(CheckpointRecord.columns) FROM checkpoint
        WHERE history = ? AND number > ? AND state = 0 ORDER BY number LIMIT ?
        """, [history.rawValue, number?.rawValue ?? 0, limit], CheckpointRecord.init)
    }
  }

  package func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(CatalogError) -> CheckpointRecord? {
    try read { db in
      try db.row(
        """
        SELECT \(CheckpointRecord.columns) FROM checkpoint
        WHERE history = ? AND number = ? AND state = 0
        """, [history.rawValue, number.rawValue], CheckpointRecord.init)
    }
  }

  package func checkpoint(_ id: CheckpointID) throws(CatalogError) -> CheckpointRecord? {
    try read { db in
      try db.row(
        "SELECT \(CheckpointRecord.columns) FROM checkpoint WHERE id = ? AND state = 0",
        [id.rawValue], CheckpointRecord.init)
    }
  }

  package func latestCheckpoint(
    of history: HistoryID
  ) throws(CatalogError) -> CheckpointRecord? {
    try read { db in try Self.latest(db, of: history) }
  }

  package func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(CatalogError) -> [TagRecord] {
    try read { db in
      try db.rows(
        TagRecord.select + " WHERE tag.history = ? AND tag.id > ? ORDER BY tag.id LIMIT ?",
        [history.rawValue, id?.rawValue ?? 0, limit], TagRecord.init)
    }
  }

  package func tag(
    named name: TagName, of history: HistoryID
  ) throws(CatalogError) -> TagRecord? {
    try read { db in try Self.tag(db, named: name, of: history) }
  }

  static func tag(
    _ db: Database, named name: TagName, of history: HistoryID
  ) throws -> TagRecord? {
    try db.row(
      TagRecord.select + " WHERE tag.history = ? AND tag.name = ?",
      [history.rawValue, name.rawValue], TagRecord.init)
  }

  package func tag(_ id: TagID) throws(CatalogError) -> TagRecord? {
    try read { db in
      try db.row(TagRecord.select + " WHERE tag.id = ?", [id.rawValue], TagRecord.init)
    }
  }

  package func blob(_ digest: Digest) throws(CatalogError) -> BlobRecord? {
    try read { db in try Self.stored(db, digest, .content) }
  }

  package func blobs(_ digests: [Digest]) throws(CatalogError) -> [BlobRecord?] {
    try read { db in try digests.map { try Self.stored(db, $0, .content) } }
  }

  package func blob(_ inode: SharedInode) throws(CatalogError) -> BlobRecord? {
    try read { db in
      try db.row(
        "SELECT \(BlobRecord.columns) FROM blob WHERE node = ? AND kind = 0 AND stored = 1",
        [Int64(bitPattern: inode.rawValue)], BlobRecord.init)
    }
  }

  package func references(to digest: Digest) throws(CatalogError) -> Int64 {
    try read { db in try Self.references(db, to: digest) }
  }

  static func references(_ db: Database, to digest: Digest) throws -> Int64 {
    try db.row(
      """
      SELECT ifnull(sum(refs * times), 0) FROM blob
      JOIN page_blob ON page_blob.blob = blob.id JOIN page ON page.id = page_blob.page
      WHERE digest = ? AND kind = 0 AND stored = 1
      """, [digest.data]
    ) { $0.integer(0) } ?? 0
  }

  package func uniqueBytes(of checkpoint: CheckpointID) throws(CatalogError) -> Int64 {
    var times: [Digest: (times: Int64, size: Int64)] = [:]
    for content in try pages(of: checkpoint).flatMap(\.entries).compactMap(\.content) {
      times[content.digest, default: (0, Int64(clamping: content.size))].times += 1
    }
    // A content is unique when as many entries refer to it from here as from anywhere.
    return try read { db in
      try times.reduce(0) { sum, content in
        let isUnique = try Self.references(db, to: content.key) == content.value.times
        return isUnique ? sum + content.value.size : sum
      }
    }
  }

  package func uniqueBytes() throws(CatalogError) -> [CheckpointID: Int64] {
    try read { db in
      // A content is unique to a checkpoint when all pages that have it are in that one only.
      let sums = try db.rows(
        """
        WITH sole AS MATERIALIZED (
          SELECT page.id AS page, checkpoint.id AS checkpoint FROM checkpoint
          JOIN checkpoint_page ON checkpoint_page.checkpoint = checkpoint.id
          JOIN page ON page.id = checkpoint_page.page
          WHERE state = 0 AND refs = 1
        ), owned AS (
          SELECT page_blob.blob AS blob, min(sole.checkpoint) AS checkpoint FROM page_blob
          JOIN page ON page.id = page_blob.page AND refs > 0
          LEFT JOIN sole ON sole.page = page.id
          GROUP BY page_blob.blob
          HAVING max(refs) = 1 AND min(sole.checkpoint) = max(sole.checkpoint)
        )
        SELECT checkpoint, sum(size) FROM owned JOIN blob ON blob.id = owned.blob GROUP BY checkpoint
        """
      ) { (CheckpointID(rawValue: $0.integer(0)), $0.integer(1)) }
      return Dictionary(uniqueKeysWithValues: sums)
    }
  }
}
