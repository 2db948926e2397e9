// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints
import DurabilitySteps
import GRDB

extension SQLiteCatalog {
  package func owners() throws(CatalogError) -> [OwnerToken] {
    try read { db in
      try db.rows(
        """
        SELECT owner FROM pending WHERE id NOT IN (SELECT pending FROM gathering)
        UNION SELECT owner FROM lease
        """
      ) { row in
        OwnerToken(row[0] as String)
      }.compactMap(\.self)
    }
  }

  package func collect(
    dead: [OwnerToken], after last: Incarnation?, limit: Int
  ) throws(CatalogError) -> CollectionResult {
    try write(.collectTransaction) { db in
      try Self.collect(db, dead: dead, after: last, limit: limit)
    }
  }

  package func collectable(dead: [OwnerToken]) throws(CatalogError) -> CollectionResult {
    try rehearse { db in try Self.collect(db, dead: dead, after: nil, limit: .max) }
  }

  private static func collect(
    _ db: Database, dead: [OwnerToken], after last: Incarnation?, limit: Int
  ) throws -> CollectionResult {
    for owner in dead { try forget(db, owner: owner) }
    try forgetEmptyHistories(db)
    let hasMoreDropped = try releaseDropped(db, limit: limit)
    var result = CollectionResult()
    // What was just released may lie before what was looked at.
    let garbage = try unreferenced(db, after: hasMoreDropped ? nil : last, limit: limit)
    result.last = garbage.last?.name.incarnation ?? last
    for blob in garbage {
      try db.run("DELETE FROM evidence WHERE blob = ?", [blob.name.incarnation.rawValue])
      try db.run("DELETE FROM reading WHERE blob = ?", [blob.name.incarnation.rawValue])
      try db.run("DELETE FROM blob WHERE id = ?", [blob.name.incarnation.rawValue])
      try Steps.perform(.recordOutbox) {
        try db.run(
          "INSERT INTO removal (id, digest) VALUES (?, ?)",
          [blob.name.incarnation.rawValue, blob.name.digest.data])
      }
      result.blobs.append(blob.name)
      if blob.kind == .content {
        result.contents += 1
        result.bytes = result.bytes.addingSaturated(blob.size)
      }
    }
    result.isComplete = garbage.count < limit && !hasMoreDropped
    return result
  }

  private static func forget(_ db: Database, owner: OwnerToken) throws {
    let pending = try db.row(
      "SELECT id FROM pending WHERE owner = ?", [owner.description]
    ) { $0.integer(0) }
    if let pending { try giveUp(db, pending: pending) }
    try db.run("DELETE FROM lease WHERE owner = ?", [owner.description])
  }

  /// Releases the pages of dropped checkpoints whose manifest is gone and on which nothing in flight relies.
  ///
  /// - Returns: whether there are more than `limit` pages' worth of them.
  private static func releaseDropped(_ db: Database, limit: Int) throws -> Bool {
    let dropped = try db.rows(
      """
      SELECT id FROM checkpoint WHERE state = 1
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.dropped = checkpoint.id)
        AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.base = checkpoint.id)
        AND NOT EXISTS (SELECT 1 FROM lease WHERE lease.checkpoint = checkpoint.id)
      """
    ) { $0.integer(0) }
    var released = 0
    for checkpoint in dropped {
      if released >= limit { return true }
      let pages = try db.rows(
        "SELECT page FROM checkpoint_page WHERE checkpoint = ?", [checkpoint]
      ) { $0.integer(0) }
      for page in pages { try release(db, page: page) }
      try db.run("DELETE FROM checkpoint_page WHERE checkpoint = ?", [checkpoint])
      try db.run("UPDATE checkpoint SET state = 2 WHERE id = ?", [checkpoint])
      released += pages.count
    }
    return false
  }

  static func release(_ db: Database, page id: Int64) throws {
    try db.run("UPDATE page SET holders = holders - 1 WHERE id = ?", [id])
    let text = try db.row(
      "SELECT content FROM page JOIN page_text ON page = id WHERE id = ? AND holders = 0", [id]
    ) {
      $0.bytes(0)
    }
    guard let text else { return }
    for content in try decoded(text, page: id).references.keys {
      guard let blob = try stored(db, content, .content) else { continue }
      try db.run(
        "DELETE FROM page_blob WHERE blob = ? AND page = ?", [blob.name.incarnation.rawValue, id])
    }
    try db.run("DELETE FROM page WHERE id = ?", [id])
    try db.run("DELETE FROM page_text WHERE page = ?", [id])
  }

  static func decoded(_ text: [UInt8], page id: Int64) throws -> Page {
    do {
      return try Page(decoding: text)
    } catch {
      throw CatalogError(
        .unusable,
        "page \(id) in the catalog is damaged (\(error)); 'ckptfs fsck --rebuild-catalog' makes "
          + "it anew", cause: error)
    }
  }

  private static func unreferenced(
    _ db: Database, after last: Incarnation?, limit: Int
  ) throws -> [(name: BlobName, kind: BlobKind, size: UInt64)] {
    try db.rows(
      """
      SELECT id, digest, kind, size FROM blob
      WHERE id > ? AND NOT EXISTS (SELECT 1 FROM pin WHERE pin.blob = blob.id)
        AND CASE kind
          WHEN 0 THEN NOT EXISTS (SELECT 1 FROM page_blob WHERE page_blob.blob = blob.id)
          ELSE NOT EXISTS (SELECT 1 FROM page WHERE page.id = blob.id)
        END
      ORDER BY id LIMIT ?
      """, [last?.rawValue ?? 0, Int64(clamping: limit)]
    ) { row in
      (
        name: BlobName(
          digest: try row.digest(1), incarnation: Incarnation(rawValue: row.integer(0))),
        kind: row.integer(2) == 0 ? .content : .page, size: UInt64(try row.amount(3))
      )
    }
  }

  package func removals(
    after last: Incarnation?, limit: Int
  ) throws(CatalogError) -> [BlobName] {
    try read { db in
      try db.rows(
        "SELECT id, digest FROM removal WHERE id > ? ORDER BY id LIMIT ?",
        [last?.rawValue ?? .min, Int64(limit)]
      ) { row in
        BlobName(digest: try row.digest(1), incarnation: Incarnation(rawValue: row.integer(0)))
      }
    }
  }

  package func finish(removals: [BlobName]) throws(CatalogError) {
    try write(.outboxTransaction) { db in
      for name in removals {
        try db.run("DELETE FROM removal WHERE id = ?", [name.incarnation.rawValue])
      }
    }
  }
}
