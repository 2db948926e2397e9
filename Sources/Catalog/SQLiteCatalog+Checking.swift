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
    try read { db in try Self.inconsistencies(db) }
  }

  static func inconsistencies(_ db: Database) throws -> [String] {
    let structure = try db.rows("PRAGMA integrity_check(20)") { $0[0] as String }
    guard structure == ["ok"] else { return structure }
    let (pages, problems) = try readPages(db)
    return try problems + driftedCounts(db) + brokenCheckpoints(db, pages) + danglingRows(db)
  }

  /// What a page adds to the totals of a checkpoint.
  private struct PageTotals {
    var files: Int64 = 0
    var bytes: Int64 = 0
  }

  /// Promise P3, recounted from the lists of pages.
  static func driftedCounts(_ db: Database) throws -> [String] {
    try db.rows(
      """
      SELECT page.id, refs, holders, ifnull(completed, 0), ifnull(held, 0) FROM page LEFT JOIN (
        SELECT page AS counted, count(*) FILTER (WHERE state = 0) AS completed, count(*) AS held FROM (
          SELECT page, state FROM checkpoint_page
          JOIN checkpoint ON checkpoint.id = checkpoint_page.checkpoint
          UNION ALL SELECT page, NULL FROM shard_page
        ) GROUP BY page
      ) ON counted = page.id
      WHERE refs <> ifnull(completed, 0) OR holders <> ifnull(held, 0)
      """
    ) { row in
      "page \(row.integer(0)) is counted \(row.integer(1)) times (held \(row.integer(2)) times), but "
        + "\(row.integer(3)) checkpoints have it (\(row.integer(4)) hold it)"
    }
  }

  /// Compares each page with its digest, and its contents with what is counted for it.
  private static func readPages(
    _ db: Database
  ) throws -> (pages: [Int64: PageTotals], problems: [String]) {
    let statement = try db.cachedStatement(
      sql: """
        SELECT page.id, entries, digest, content, bytes FROM page
        LEFT JOIN page_text ON page_text.page = page.id
        LEFT JOIN blob ON blob.id = page.id AND stored = 1 AND kind = 1
        """)
    let counted = try countedContents(db)
    let cursor = try Row.fetchCursor(statement)
    var pages: [Int64: PageTotals] = [:]
    var problems: [String] = []
    while let row = try cursor.next() {
      let id = row.integer(0)
      guard let digest = (row[2] as Data?).flatMap({ Digest(bytes: $0) }),
        let text = row[3] as Data?, let page = try? Page(decoding: [UInt8](text)),
        page.digest == digest, page.entries.count == Int(row.integer(1)),
        page.bytes == row.integer(4)
      else {
        problems.append("page \(id) is missing or not what its digest says")
        continue
      }
      pages[id] = PageTotals(
        files: Int64(page.entries.count { $0.content != nil }), bytes: page.bytes)
      if counted[id] ?? [:] != page.references {
        problems.append("page \(id) has other contents than are counted for it")
      }
    }
    return (pages, problems)
  }

  /// What is counted for each page.
  static func countedContents(_ db: Database) throws -> [Int64: [Digest: Int64]] {
    let rows = try db.rows(
      """
      SELECT page, digest, times FROM page_blob
      JOIN blob ON blob.id = page_blob.blob AND stored = 1 AND kind = 0
      """
    ) { (page: $0.integer(0), digest: try $0.digest(1), times: $0.integer(2)) }
    var contents: [Int64: [Digest: Int64]] = [:]
    for row in rows { contents[row.page, default: [:]][row.digest] = row.times }
    return contents
  }

  /// Checkpoints whose pages do not add up to what is told of them.
  private static func brokenCheckpoints(
    _ db: Database, _ pages: [Int64: PageTotals]
  ) throws -> [String] {
    var totals: [Int64: PageTotals] = [:]
    for (checkpoint, page) in try db.rows(
      """
      SELECT checkpoint, page FROM checkpoint_page
      JOIN checkpoint ON checkpoint.id = checkpoint_page.checkpoint WHERE state = 0
      """, [], { ($0.integer(0), $0.integer(1)) })
    {
      totals[checkpoint, default: PageTotals()].files += pages[page]?.files ?? 0
      let bytes = totals[checkpoint]?.bytes ?? 0
      totals[checkpoint, default: PageTotals()].bytes = bytes.addingSaturated(
        pages[page]?.bytes ?? 0)
    }
    return try db.rows(
      """
      SELECT checkpoint.id, history.name, number, files, full_bytes FROM checkpoint
      JOIN history ON history.id = checkpoint.history WHERE state = 0
      """
    ) { row -> String? in
      let found = totals[row.integer(0)] ?? PageTotals()
      if found.files == row.integer(3), found.bytes == row.integer(4) { return nil }
      return
        "\(row[1] as String)/chk-\(row.integer(2)) has \(found.files) files of \(found.bytes) bytes "
        + "instead of \(row.integer(3)) of \(row.integer(4))"
    }.compactMap(\.self)
  }

  /// Rows that refer to what is not there.
  private static func danglingRows(_ db: Database) throws -> [String] {
    try db.rows(
      """
      SELECT DISTINCT checkpoint_page.page FROM checkpoint_page
      LEFT JOIN page ON page.id = checkpoint_page.page WHERE page.id IS NULL
      UNION SELECT DISTINCT shard_page.page FROM shard_page
      LEFT JOIN page ON page.id = shard_page.page WHERE page.id IS NULL
      UNION SELECT DISTINCT page_blob.page FROM page_blob
      LEFT JOIN page ON page.id = page_blob.page WHERE page.id IS NULL
      """
    ) { "page \($0.integer(0)) is referred to, but missing" }
      + db.rows(
        """
        SELECT pin.blob FROM pin LEFT JOIN blob ON blob.id = pin.blob WHERE blob.id IS NULL
        UNION SELECT page_blob.blob FROM page_blob
        LEFT JOIN blob ON blob.id = page_blob.blob WHERE blob.id IS NULL
        """
      ) { "blob \($0.integer(0)) is referred to, but missing" }
      + db.rows(
        """
        SELECT tag.id FROM tag LEFT JOIN checkpoint ON checkpoint.id = tag.checkpoint
        WHERE tag.history IS NOT checkpoint.history
        """
      ) { "tag \($0.integer(0)) leads to a checkpoint of another history" }
  }

  package func storedBlobs(
    after last: Incarnation?, limit: Int
  ) throws(CatalogError) -> [StoredBlob] {
    try read { db in
      try db.rows(
        """
        SELECT \(StoredBlob.columns) FROM blob LEFT JOIN reading ON reading.blob = blob.id
        WHERE blob.id > ? AND stored = 1 ORDER BY blob.id LIMIT ?
        """, [last?.rawValue ?? 0, Int64(limit)], StoredBlob.init)
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

  package func isStored(_ name: BlobName) throws(CatalogError) -> Bool {
    try read { db in
      try db.row(
        "SELECT 1 FROM blob WHERE id = ? AND digest = ? AND stored = 1",
        [name.incarnation.rawValue, name.digest.data]
      ) { _ in true } ?? false
    }
  }
}
