// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import GRDB

extension SQLiteCatalog {
  package func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from first: Int, limit: Int
  ) throws(CatalogError) -> [EntryRecord] {
    try read { db in
      guard limit > 0, let outline = try outline(db, of: checkpoint) else { return [] }
      var found: [EntryRecord] = []
      for place in outline.elements.indices.dropFirst(outline.place(of: first))
      where outline.mayHold(directory, at: place) {
        let wanted = try page(db, outline.elements[place]).filter { ordinal, entry in
          ordinal >= first && entry.path.parent == directory
        }
        found += try records(db, wanted.prefix(limit - found.count), outline)
        if found.count == limit { break }
      }
      return found
    }
  }

  package func entries(
    near path: EntryPath, of checkpoint: CheckpointID
  ) throws(CatalogError) -> [EntryRecord] {
    try read { db in
      guard let outline = try outline(db, of: checkpoint) else { return [] }
      for element in outline.candidates(for: path) {
        let entries = try page(db, element)
        if entries.contains(where: { $0.entry.path == path }) {
          return try records(db, entries[...], outline)
        }
      }
      return []
    }
  }

  package func entry(
    _ ordinal: Int, of checkpoint: CheckpointID
  ) throws(CatalogError) -> EntryRecord? {
    try read { db in
      guard ordinal >= 0, let outline = try outline(db, of: checkpoint) else { return nil }
      let place = outline.place(of: ordinal)
      guard place < outline.elements.count else { return nil }
      let entries = try page(db, outline.elements[place])
      return try records(db, entries.filter { $0.ordinal == ordinal }[...], outline).first
    }
  }

  package func pages(of checkpoint: CheckpointID) throws(CatalogError) -> [Page] {
    try read { db in
      let ids = try db.rows(
        "SELECT page FROM checkpoint_page WHERE checkpoint = ? ORDER BY stream, first",
        [checkpoint.rawValue]
      ) { $0.integer(0) }
      return try ids.map { try page(db, $0) }
    }
  }

  package func pageRecords(of checkpoint: CheckpointID) throws(CatalogError) -> [PageRecord] {
    try read { db in
      try db.rows(
        """
        SELECT \(BlobRecord.columns), stream, first, entries, bytes, sources
        FROM checkpoint_page JOIN page ON page.id = checkpoint_page.page
        JOIN blob ON blob.id = page.id
        WHERE checkpoint = ? ORDER BY stream, first
        """, [checkpoint.rawValue], PageRecord.init)
    }
  }

  package func page(_ record: PageRecord) throws(CatalogError) -> Page {
    try read { db in try page(db, record.blob.name.incarnation.rawValue) }
  }

  package func pageText(_ name: BlobName) throws(CatalogError) -> [UInt8]? {
    try read { db in
      try db.row(
        "SELECT content FROM page_text WHERE page = ?", [name.incarnation.rawValue]
      ) { $0.bytes(0) }
    }
  }

  /// An entry and its place among all of its checkpoint.
  private typealias PlacedEntry = (ordinal: Int, entry: Entry)

  private func page(_ db: Database, _ element: Outline.Element) throws -> [PlacedEntry] {
    try page(db, element.page).entries.enumerated().map { (element.start + $0.offset, $0.element) }
  }

  /// What only the catalog knows of entries, by one query for all: each by itself takes longer than the rest of a look-up.
  private func records(
    _ db: Database, _ entries: ArraySlice<PlacedEntry>, _ outline: Outline
  ) throws -> [EntryRecord] {
    let known = try Self.blobs(db, Set(entries.compactMap { $0.entry.content?.digest }))
    return entries.map { ordinal, entry in
      let found = entry.content.flatMap { known[$0.digest] }
      guard case .shared = entry.kind, let found else {
        return EntryRecord(
          ordinal: ordinal, entry: entry, owner: outline.owner,
          references: found?.references ?? 1)
      }
      // Being one inode, it looks the same from all of its names: as the blob's record says.
      return EntryRecord(
        ordinal: ordinal, entry: Entry(path: entry.path, kind: .shared(found.blob.content)),
        owner: found.blob.owner, references: found.references)
    }
  }

  /// The blobs with these contents, and how many entries of completed checkpoints refer to each.
  private static func blobs(
    _ db: Database, _ digests: Set<Digest>
  ) throws -> [Digest: (blob: BlobRecord, references: Int64)] {
    // No two contents of a store have the same node, and JSON has no bytes.
    let nodes = digests.map { String(SharedInode($0).rawValue) }
    let rows = try db.rows(
      """
      SELECT \(BlobRecord.columns), (
        SELECT ifnull(sum(refs * times), 0) FROM page_blob
        JOIN page ON page.id = page_blob.page WHERE page_blob.blob = blob.id)
      FROM blob WHERE node IN (SELECT value FROM json_each(?)) AND kind = 0 AND stored = 1
      """, ["[" + nodes.joined(separator: ",") + "]"]
    ) { (blob: try BlobRecord($0), references: $0.integer(BlobRecord.nextColumn)) }
    return Dictionary(
      rows.map { ($0.blob.name.digest, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// - Returns: `nil` when the checkpoint is not there, or was dropped.
  private func outline(_ db: Database, of checkpoint: CheckpointID) throws -> Outline? {
    let owner = try db.row(
      "SELECT owner_user, owner_group FROM checkpoint WHERE id = ? AND state = 0",
      [checkpoint.rawValue]
    ) { $0.ownership(0) }
    guard let owner else { return nil }
    return try outlineCache.value(for: checkpoint) {
      var start = 0
      let elements = try db.rows(
        """
        SELECT stream, first, page, entries FROM checkpoint_page JOIN page ON page.id = checkpoint_page.page
        WHERE checkpoint = ? ORDER BY stream, first
        """, [checkpoint.rawValue]
      ) { row in
        let count = try row.entryCount(3)
        defer { start += count }
        return Outline.Element(
          stream: try row.stream(0),
          first: try row.path(1), page: row.integer(2), start: start,
          count: count)
      }
      return Outline(owner: owner, elements: elements)
    }
  }

  private func page(_ db: Database, _ id: Int64) throws -> Page {
    try pageCache.value(for: id) {
      let text = try db.row("SELECT content FROM page_text WHERE page = ?", [id]) {
        $0.bytes(0)
      }
      guard let text else {
        throw CatalogError(
          .unusable,
          "page \(id) is missing in the catalog; 'ckptfs fsck --rebuild-catalog' makes it anew")
      }
      return try Self.decoded(text, page: id)
    }
  }
}
