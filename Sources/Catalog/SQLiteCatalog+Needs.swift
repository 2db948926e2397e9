// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import GRDB

extension SQLiteCatalog {
  package func checkpoints(
    needing blobs: [BlobName]
  ) throws(CatalogError) -> [[CheckpointReference]] {
    try read { db in
      let pages = try Self.pages(db, with: blobs)
      let completed = try Self.completed(db)
      let holders = try Self.holders(db, of: Set(pages.values.joined()), among: completed)
      return blobs.map { blob in
        let pages = pages[blob.incarnation.rawValue] ?? []
        return Set(pages.flatMap { holders[$0] ?? [] }).sorted().map { completed[$0].reference }
      }
    }
  }

  /// The pages that have each content; a page has itself.
  private static func pages(_ db: Database, with blobs: [BlobName]) throws -> [Int64: [Int64]] {
    let rows = try db.rows(
      """
      SELECT blob, page FROM page_blob WHERE blob IN (SELECT value FROM json_each(?1))
      UNION ALL SELECT id, id FROM page WHERE id IN (SELECT value FROM json_each(?1))
      """, [json(blobs.map(\.incarnation.rawValue))]
    ) { (blob: $0.integer(0), page: $0.integer(1)) }
    return Dictionary(grouping: rows, by: \.blob).mapValues { $0.map(\.page) }
  }

  private static func completed(
    _ db: Database
  ) throws -> [(id: Int64, reference: CheckpointReference)] {
    try db.rows(
      """
      SELECT checkpoint.id, history.name, number FROM checkpoint
      JOIN history ON history.id = checkpoint.history
      WHERE state = 0 ORDER BY history.name, number
      """
    ) { row in
      let reference = CheckpointReference(history: try row.name(1), number: try row.number(2))
      return (id: row.integer(0), reference: reference)
    }
  }

  /// Which checkpoints have each page, by their places in `completed`.
  ///
  /// An index on `page` would spare reading all lists of pages, but cost each commit another row for each of
  /// its pages, anywhere in the index: too much for what only damage asks for.
  private static func holders(
    _ db: Database, of pages: Set<Int64>,
    among completed: [(id: Int64, reference: CheckpointReference)]
  ) throws -> [Int64: [Int]] {
    let places = Dictionary(
      uniqueKeysWithValues: completed.enumerated().map { ($0.element.id, $0.offset) })
    let statement = try db.cachedStatement(
      sql: """
        SELECT page, checkpoint FROM checkpoint_page
        WHERE page IN (SELECT value FROM json_each(?))
        """)
    let cursor = try Row.fetchCursor(statement, arguments: [json(pages)])
    var holders: [Int64: [Int]] = [:]
    while let row = try cursor.next() {
      guard let place = places[row.integer(1)] else { continue }
      holders[row.integer(0), default: []].append(place)
    }
    return holders
  }

  private static func json(_ ids: some Sequence<Int64>) -> String {
    "[" + ids.map(String.init).joined(separator: ",") + "]"
  }
}
