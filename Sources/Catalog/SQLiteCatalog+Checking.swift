// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import Foundation
import GRDB

extension SQLiteCatalog {
  package func statistics() throws(CatalogError) -> StoreStatistics {
    try read { db in
      let counts = try db.row(
        """
        SELECT count(DISTINCT history), count(*), ifnull(sum(full_bytes), 0),
          (SELECT count(*) FROM pending)
        FROM checkpoint WHERE state = 0
        """
      ) { (0..<4).map($0.integer) }
      let blobs = try db.row(
        """
        SELECT count(*) FILTER (WHERE used), ifnull(sum(size) FILTER (WHERE used), 0),
          count(*) FILTER (WHERE NOT used), ifnull(sum(size) FILTER (WHERE NOT used), 0)
        FROM (
          SELECT size, EXISTS (
            SELECT 1 FROM page_blob JOIN page ON page.id = page_blob.page
            WHERE page_blob.blob = blob.id AND refs > 0) AS used
          FROM blob WHERE kind = 0)
        """
      ) { (0..<4).map($0.integer) }
      guard let counts, let blobs else { return StoreStatistics() }
      return StoreStatistics(
        histories: counts[0], checkpoints: counts[1], blobs: blobs[0], blobBytes: blobs[1],
        logicalBytes: counts[2], unreferencedBlobs: blobs[2], unreferencedBytes: blobs[3],
        pendingCheckpoints: counts[3])
    }
  }

  package func inconsistencies() throws(CatalogError) -> [String] {
    try read { db in
      let structure = try db.rows("PRAGMA integrity_check(20)") { $0[0] as String }
      guard structure == ["ok"] else { return structure }
      return try Self.driftedCounts(db) + (try Self.brokenPages(db))
        + (try Self.brokenCheckpoints(db))
    }
  }

  /// Promise P3, recounted from the lists of pages.
  private static func driftedCounts(_ db: Database) throws -> [String] {
    try db.rows(
      """
      SELECT page.id, refs, holders, ifnull(completed, 0), ifnull(held, 0) FROM page LEFT JOIN (
        SELECT page AS counted, count(*) FILTER (WHERE state = 0) AS completed, count(*) AS held
        FROM checkpoint_page JOIN checkpoint ON checkpoint.id = checkpoint_page.checkpoint
        GROUP BY page
      ) ON counted = page.id
      WHERE refs <> ifnull(completed, 0) OR holders <> ifnull(held, 0)
      """
    ) { row in
      "page \(row.integer(0)) is counted \(row.integer(1)) times (held \(row.integer(2)) times), but "
        + "\(row.integer(3)) checkpoints have it (\(row.integer(4)) hold it)"
    }
  }

  private static func brokenPages(_ db: Database) throws -> [String] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT page.id, entries, digest, content FROM page
        LEFT JOIN page_text ON page_text.page = page.id LEFT JOIN blob ON blob.id = page.id
        """)
    let cursor = try Row.fetchCursor(statement)
    var problems: [String] = []
    while let row = try cursor.next() {
      let id = row.integer(0)
      // Both are absent where the row is that they belong to.
      guard let digest = row[2] as Data?, let text = row[3] as Data?,
        let page = try? Page(decoding: Array(text)), page.digest == Digest(bytes: digest),
        page.entries.count == Int(row.integer(1))
      else {
        problems.append("page \(id) is not what its digest says")
        continue
      }
      for (digest, times) in page.references.sorted(by: { $0.key.hexadecimal < $1.key.hexadecimal })
      {
        let recorded = try db.row(
          """
          SELECT times FROM blob JOIN page_blob ON page_blob.blob = blob.id
          WHERE digest = ? AND kind = 0 AND stored = 1 AND page = ?
          """, [digest.data, id]
        ) { $0.integer(0) }
        if recorded != times {
          problems.append(
            "page \(id) has \(times) entries with the content \(digest), but \(recorded ?? 0) are counted"
          )
        }
      }
    }
    return problems
  }

  private static func brokenCheckpoints(_ db: Database) throws -> [String] {
    try db.rows(
      """
      SELECT history.name, number FROM checkpoint JOIN history ON history.id = checkpoint.history
      WHERE state = 0 AND files > 0
        AND NOT EXISTS (SELECT 1 FROM checkpoint_page WHERE checkpoint_page.checkpoint = checkpoint.id)
      """
    ) { row in "\(row[0] as String)/chk-\(row.integer(1)) has lost its pages" }
      + db.rows(
        """
        SELECT checkpoint, checkpoint_page.page FROM checkpoint_page
        LEFT JOIN page ON page.id = checkpoint_page.page WHERE page.id IS NULL
        """
      ) { row in "checkpoint \(row.integer(0)) has page \(row.integer(1)), which is missing" }
      + db.rows(
        """
        SELECT pin.blob FROM pin LEFT JOIN blob ON blob.id = pin.blob WHERE blob.id IS NULL
        """
      ) { row in "blob \(row.integer(0)) is pinned, but missing" }
  }

  package func forEachBlob(
    _ body: (BlobRecord, BlobKind, _ references: Int64) throws -> Void
  ) throws {
    var last: Int64 = 0
    while true {
      // In portions: the caller may take its time, and no read transaction may.
      let portion = try read { db in
        try db.rows(
          """
          SELECT \(BlobRecord.columns), kind, (
            SELECT ifnull(sum(refs * times), 0) FROM page_blob JOIN page ON page.id = page_blob.page
            WHERE page_blob.blob = blob.id)
          FROM blob WHERE id > ? AND stored = 1 ORDER BY id LIMIT 1000
          """, [last]
        ) { row in
          (
            record: try BlobRecord(row), kind: row.integer(6) == 0 ? BlobKind.content : .page,
            references: row.integer(7)
          )
        }
      }
      guard let end = portion.last else { return }
      last = end.record.name.incarnation.rawValue
      for blob in portion { try body(blob.record, blob.kind, blob.references) }
    }
  }

  package func isKnown(_ name: BlobName) throws(CatalogError) -> Bool {
    try read { db in
      try db.row(
        """
        SELECT 1 FROM blob WHERE id = ?1 AND digest = ?2
        UNION ALL SELECT 1 FROM removal WHERE id = ?1 AND digest = ?2
        """, [name.incarnation.rawValue, name.digest.data]
      ) { _ in true } ?? false
    }
  }
}
