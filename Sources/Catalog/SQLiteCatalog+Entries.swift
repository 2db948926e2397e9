// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import GRDB

extension SQLiteCatalog {
  package func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(CatalogError) -> [EntryRecord] {
    try read { db in
      guard let outline = try outline(db, of: checkpoint) else { return [] }
      var found: [EntryRecord] = []
      for place in outline.place(
        of: ordinal)..<max(outline.elements.count, outline.place(of: ordinal))
      where outline.mayHold(directory, at: place) {
        let element = outline.elements[place]
        for (index, entry) in try page(db, element.page).entries.enumerated()
        where element.start + index >= ordinal && entry.path.parent == directory {
          if found.count == limit { return found }
          found.append(try record(db, entry, at: element.start + index, outline))
        }
      }
      return found
    }
  }

  package func entry(
    at path: EntryPath, of checkpoint: CheckpointID
  ) throws(CatalogError) -> EntryRecord? {
    try read { db in
      guard let outline = try outline(db, of: checkpoint) else { return nil }
      for element in outline.candidates(for: path) {
        let entries = try page(db, element.page).entries
        if let index = entries.firstIndex(where: { $0.path == path }) {
          return try record(db, entries[index], at: element.start + index, outline)
        }
      }
      return nil
    }
  }

  package func entry(
    _ ordinal: Int, of checkpoint: CheckpointID
  ) throws(CatalogError) -> EntryRecord? {
    try read { db in
      guard ordinal >= 0, let outline = try outline(db, of: checkpoint) else { return nil }
      let place = outline.place(of: ordinal)
      guard place < outline.elements.count else { return nil }
      let element = outline.elements[place]
      let entry = try page(db, element.page).entries[ordinal - element.start]
      return try record(db, entry, at: ordinal, outline)
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

  private func record(
    _ db: Database, _ entry: Entry, at ordinal: Int, _ outline: Outline
  ) throws -> EntryRecord {
    let references = try entry.content.map { try Self.references(db, to: $0.digest) } ?? 1
    guard case .shared(let content) = entry.kind,
      let blob = try Self.stored(db, content.digest, .content)
    else {
      return EntryRecord(
        ordinal: ordinal, entry: entry, owner: outline.owner, references: references)
    }
    // Being one inode, it looks the same from all of its names: as the blob's record says.
    return EntryRecord(
      ordinal: ordinal, entry: Entry(path: entry.path, kind: .shared(blob.content)),
      owner: blob.owner, references: references)
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
        let count = Int(row.integer(3))
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
