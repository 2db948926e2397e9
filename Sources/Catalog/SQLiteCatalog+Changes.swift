// SPDX-License-Identifier: Apache-2.0

import GRDB

/// How often a catalog was changed is the sequence of its outbox's ids, which has only grown in any catalog so far.
extension SQLiteCatalog {
  package func changes() throws(CatalogError) -> Int64 {
    try read { try Self.changes($0) }
  }

  static func changes(_ db: Database) throws -> Int64 {
    try db.row(
      "SELECT coalesce(max(CAST(seq AS INTEGER)), 0) FROM sqlite_sequence WHERE name = 'outbox'", []
    ) { $0.integer(0) } ?? 0
  }

  /// - Returns: how many changes there were, with this one; `nil` where somebody has set that to where it cannot grow.
  static func countChange(_ db: Database) throws -> Int64? {
    try db.run(
      """
      INSERT INTO sqlite_sequence (name, seq)
      SELECT 'outbox', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox')
      """, [])
    return try db.rows(
      """
      UPDATE sqlite_sequence SET seq = CAST(coalesce(seq, 0) AS INTEGER) + 1
      WHERE name = 'outbox' AND CAST(coalesce(seq, 0) AS INTEGER) < 9223372036854775807
      RETURNING seq
      """
    ) { $0.integer(0) }.max()
  }

  /// Has a catalog that is made anew count from `changes` on.
  static func startCounting(_ db: Database, from changes: Int64) throws {
    let counted = try Int64.fetchOne(
      db, sql: "SELECT max(seq) FROM sqlite_sequence WHERE name = 'outbox'")
    try db.run("DELETE FROM sqlite_sequence WHERE name = 'outbox'", [])
    try db.run(
      "INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", [max(changes, counted ?? 0)])
  }
}
