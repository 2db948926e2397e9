// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import SystemPackage

/// What a catalog's tables say, row by row, of all that a rebuilt one must say, too (promise P8).
///
/// Left out is what is written nowhere else: the times and numbers of what was dropped, when a history last changed but for
/// a checkpoint, who owned the source of a copied file, evidence and readings, and what is in flight.
struct CatalogImage: Hashable {
  private let rows: [String: Set<String>]
  /// The greatest id that each table has given.
  private let ids: [String: Int64]
  /// The next number of each history, by its id.
  private let numbers: [Int64: Int64]
  /// Whether a shard that was interrupted has left another file with a content that is stored: a rebuild takes either.
  private let hasSpareFiles: Bool

  private static let usedBlobs = """
    stored = 1 AND (
      blob.id IN (SELECT id FROM page WHERE refs > 0) OR blob.id IN (
        SELECT blob FROM page_blob JOIN page ON page.id = page_blob.page WHERE refs > 0))
    """

  private static let queries = [
    "store": "SELECT id FROM store",
    "history":
      "SELECT id, name FROM history WHERE id IN (SELECT history FROM checkpoint WHERE state = 0)",
    "checkpoint": "SELECT * FROM checkpoint WHERE state = 0",
    "tag": "SELECT * FROM tag",
    // A page that is written anew has another time, which says nothing.
    "blob": """
    SELECT id, digest, kind, size, iif(kind = 1, NULL, modified) AS modified, file_user, file_group, file_mode, node, condemned FROM blob
    WHERE \(usedBlobs)
    """,
    // Who made the pages; whose a copied source was is in no page.
    "page's owner": "SELECT id, owner_user, owner_group FROM blob WHERE kind = 1 AND \(usedBlobs)",
    "page": "SELECT id, entries, bytes, refs FROM page WHERE refs > 0",
    "page_text":
      "SELECT page_text.* FROM page_text JOIN page ON page.id = page_text.page WHERE refs > 0",
    "page_blob":
      "SELECT page_blob.* FROM page_blob JOIN page ON page.id = page_blob.page WHERE refs > 0",
    "checkpoint_page": """
    SELECT checkpoint_page.* FROM checkpoint_page
    JOIN checkpoint ON checkpoint.id = checkpoint_page.checkpoint WHERE state = 0
    """,
  ]

  init(of store: FilePath) throws {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(
      path: store.appending("catalog.sqlite").string, configuration: configuration)
    (rows, ids, numbers, hasSpareFiles) = try queue.read { db in
      let rows = try Self.queries.mapValues { query in
        Set(try Row.fetchAll(db, sql: query).map(Self.text))
      }
      let ids = try Row.fetchAll(
        db,
        sql:
          "SELECT name, seq FROM sqlite_sequence WHERE name IN ('history', 'tag', 'pending', 'blob')"
      ).map { ($0[0] as String, $0[1] as Int64) }
      let numbers = try Row.fetchAll(
        db,
        sql: """
          SELECT history.id, next_number FROM history
          WHERE id IN (SELECT history FROM checkpoint WHERE state = 0)
          """
      ).map { ($0[0] as Int64, $0[1] as Int64) }
      let spare = try Bool.fetchOne(
        db, sql: "SELECT count(*) > count(DISTINCT digest) FROM blob WHERE kind = 0")
      return (
        rows, Dictionary(uniqueKeysWithValues: ids), Dictionary(uniqueKeysWithValues: numbers),
        spare == true
      )
    }
    try queue.close()
  }

  private static func text(_ row: Row) -> String {
    row.map { column, value in
      switch value.storage {
      case .blob(let data): "\(column)=\(data.base64EncodedString())"
      default: "\(column)=\(value)"
      }
    }.joined(separator: " ")
  }

  /// - Throws: ``Violation`` when a rebuilt catalog lacks something of this one, has more, or would give an id again.
  func check(_ rebuilt: CatalogImage) throws {
    for (table, rows) in rows.sorted(by: { $0.key < $1.key })
    where !hasSpareFiles || !["blob", "page's owner", "page_blob"].contains(table) {
      let found = rebuilt.rows[table] ?? []
      guard found == rows else {
        throw Violation(
          "P8",
          "the rebuilt catalog's \(table) lacks \(rows.subtracting(found).sorted()) and has "
            + "\(found.subtracting(rows).sorted())")
      }
    }
    for (table, id) in ids where rebuilt.ids[table] ?? 0 < id {
      throw Violation("P8", "the rebuilt catalog gives ids of \(table) again, below \(id)")
    }
    for (history, number) in rebuilt.numbers where number > numbers[history] ?? 0 {
      throw Violation("P8", "history \(history) goes on with \(number) in the rebuilt catalog")
    }
  }
}
