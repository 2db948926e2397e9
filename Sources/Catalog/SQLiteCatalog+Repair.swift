// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import Foundation
import GRDB

extension SQLiteCatalog {
  package func reserveRepair(_ blob: NewBlob) throws(CatalogError) -> BlobName {
    try write(.reserveTransaction) { db in try Self.insert(db, blob, .content) }
  }

  package func settleRepair(
    _ placed: BlobName, replacing damaged: BlobName
  ) throws(CatalogError) -> RepairSettlement {
    let id = placed.incarnation.rawValue
    return try write(.repairTransaction) { db in
      let isThere = try db.row("SELECT 1 FROM blob WHERE id = ? AND stored = 0", [id]) { _ in true }
      guard isThere == true else {
        // Collection has come and gone before there was a file: now there is one, for the next to remove.
        try db.run(
          "INSERT OR IGNORE INTO removal (id, digest) VALUES (?, ?)", [id, placed.digest.data])
        return .collected
      }
      guard try Self.stored(db, placed.digest, .content)?.name == damaged else { return .needless }
      try Self.replace(db, damaged, by: placed)
      try db.run("UPDATE blob SET stored = 1 WHERE id = ?", [id])
      return .settled
    }
  }

  package func relink(
    pageText: (BlobName) -> [UInt8]?, pages: (CheckpointRecord) -> [Digest]?
  ) throws(CatalogError) -> [String] {
    try transact(.relinkTransaction) { db in
      var relinking = Relinking(db: db)
      do {
        try relinking.run(pageText, pages)
      } catch is Relinking.Unrepairable {
        return ([], .rollback)
      }
      // What was right before stays so, and what was not is: else nothing is believed.
      guard try Self.inconsistencies(db).isEmpty else { return ([], .rollback) }
      return (relinking.deeds, .commit)
    }
  }
}

/// One run of putting a catalog's links and counts right.
private struct Relinking {
  /// What is needed is nowhere to be found.
  struct Unrepairable: Error {}

  let db: Database
  var deeds: [String] = []
  /// By id, as their texts say.
  private var pages: [Int64: Page] = [:]

  init(db: Database) { self.db = db }

  mutating func run(
    _ pageText: (BlobName) -> [UInt8]?, _ listed: (CheckpointRecord) -> [Digest]?
  ) throws {
    guard try db.rows("PRAGMA integrity_check(1)", [], { $0[0] as String }) == ["ok"] else {
      throw Unrepairable()
    }
    try readPages(pageText)
    try linkContents()
    try linkCheckpoints(listed)
    try recount()
  }

  // MARK: Pages

  private mutating func readPages(_ pageText: (BlobName) -> [UInt8]?) throws {
    let known = try db.rows(
      """
      SELECT blob.id, digest, content, entries, bytes FROM blob
      LEFT JOIN page ON page.id = blob.id LEFT JOIN page_text ON page_text.page = blob.id
      WHERE kind = 1 AND stored = 1
      """
    ) { row in
      (
        name: BlobName(
          digest: try row.digest(1), incarnation: Incarnation(rawValue: row.integer(0))),
        text: (row[2] as Data?).map { [UInt8]($0) }, entries: row[3] as Int64?,
        bytes: row[4] as Int64?
      )
    }
    for found in known {
      let id = found.name.incarnation.rawValue
      var page = Self.page(found.text, found.name.digest)
      if page == nil {
        page = Self.page(pageText(found.name), found.name.digest)
        guard let page else { throw Unrepairable() }
        try db.run(
          "INSERT OR REPLACE INTO page_text (page, content) VALUES (?, ?)",
          [id, Data(page.encoded).databaseValue])
        deeds.append("page \(id) had lost its text in the catalog, which was taken from its file")
      }
      guard let page else { throw Unrepairable() }
      pages[id] = page
      guard found.entries != Int64(page.entries.count) || found.bytes != page.bytes else {
        continue
      }
      try db.run(
        """
        INSERT INTO page (id, entries, bytes, refs, holders) VALUES (?, ?, ?, 0, 0)
        ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, bytes = excluded.bytes
        """, [id, page.entries.count, page.bytes])
      deeds.append("page \(id) was recorded anew")
    }
  }

  private static func page(_ text: [UInt8]?, _ digest: Digest) -> Page? {
    guard let text, let page = try? Page(decoding: text), page.digest == digest else { return nil }
    return page
  }

  /// Makes what is counted for each page what its text says.
  private mutating func linkContents() throws {
    try db.run("DELETE FROM page_blob WHERE page NOT IN (SELECT id FROM page)")
    if db.changesCount > 0 { deeds.append("contents were counted for pages that are not there") }
    let counted = try SQLiteCatalog.countedContents(db)
    for (id, page) in pages.sorted(by: { $0.key < $1.key })
    where counted[id] ?? [:] != page.references {
      try db.run("DELETE FROM page_blob WHERE page = ?", [id])
      for (digest, times) in page.references {
        guard let blob = try SQLiteCatalog.stored(db, digest, .content) else {
          throw Unrepairable()
        }
        try db.run(
          "INSERT INTO page_blob (blob, page, times) VALUES (?, ?, ?)",
          [blob.name.incarnation.rawValue, id, times])
      }
      deeds.append("page \(id) was linked with its contents anew")
    }
  }

  // MARK: Checkpoints

  private mutating func linkCheckpoints(_ listed: (CheckpointRecord) -> [Digest]?) throws {
    let ids = Dictionary(
      pages.map { ($0.value.digest, $0.key) }, uniquingKeysWith: { first, _ in first })
    let checkpoints = try db.rows(
      "SELECT \(CheckpointRecord.columns) FROM checkpoint WHERE state = 0", [],
      CheckpointRecord.init)
    for checkpoint in checkpoints {
      var held = try db.rows(
        """
        SELECT page FROM checkpoint_page WHERE checkpoint = ? ORDER BY stream, first
        """, [checkpoint.id.rawValue]
      ) { $0.integer(0) }
      if let digests = listed(checkpoint) {
        let right = digests.compactMap { ids[$0] }
        guard right.count == digests.count else { throw Unrepairable() }
        if right != held {
          try link(checkpoint, right)
          held = right
        }
      } else if totals(of: held).files != checkpoint.files {
        // With neither a manifest nor a list that adds up nobody knows what it has.
        throw Unrepairable()
      }
      try count(checkpoint, held)
    }
  }

  private mutating func link(_ checkpoint: CheckpointRecord, _ held: [Int64]) throws {
    try db.run("DELETE FROM checkpoint_page WHERE checkpoint = ?", [checkpoint.id.rawValue])
    for id in held {
      guard let page = pages[id] else { throw Unrepairable() }
      try db.run(
        "INSERT INTO checkpoint_page (checkpoint, stream, first, page) VALUES (?, ?, ?, ?)",
        [checkpoint.id.rawValue, page.stream.rawValue, page.first.data, id])
    }
    deeds.append(
      "\(checkpoint.number.directoryName) of history \(checkpoint.history.rawValue) was linked with the pages that "
        + "its manifest lists")
  }

  private func totals(of held: [Int64]) -> (files: Int64, bytes: Int64) {
    var totals = (files: Int64(0), bytes: Int64(0))
    for page in held.compactMap({ pages[$0] }) {
      totals.files += Int64(page.entries.count { $0.content != nil })
      totals.bytes += page.bytes
    }
    return totals
  }

  private mutating func count(_ checkpoint: CheckpointRecord, _ held: [Int64]) throws {
    let (files, bytes) = totals(of: held)
    guard files != checkpoint.files || bytes != checkpoint.fullBytes else { return }
    try db.run(
      "UPDATE checkpoint SET files = ?, full_bytes = ? WHERE id = ?",
      [files, bytes, checkpoint.id.rawValue])
    deeds.append(
      "\(checkpoint.number.directoryName) of history \(checkpoint.history.rawValue) was recounted: "
        + "\(files) files of \(bytes) bytes")
  }

  // MARK: Counts

  private mutating func recount() throws {
    let drifted = try SQLiteCatalog.driftedCounts(db)
    deeds += drifted.map { "recounted: \($0)" }
    guard !drifted.isEmpty else { return }
    try db.run(
      """
      UPDATE page SET
        refs = (
          SELECT count(*) FROM checkpoint_page
          JOIN checkpoint ON checkpoint.id = checkpoint_page.checkpoint
          WHERE checkpoint_page.page = page.id AND state = 0),
        holders = (SELECT count(*) FROM checkpoint_page WHERE checkpoint_page.page = page.id)
          + (SELECT count(*) FROM shard_page WHERE shard_page.page = page.id)
      """)
  }
}
