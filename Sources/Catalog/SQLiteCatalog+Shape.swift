// SPDX-License-Identifier: Apache-2.0

import GRDB
import SystemPackage

extension SQLiteCatalog {
  /// What every connection to a catalog is set to, which may have been made by somebody else.
  static func distrust(_ db: Database) throws {
    // No function that could do harm in an index, a default or a generated column.
    try db.execute(sql: "PRAGMA trusted_schema = OFF")
    try db.execute(sql: "PRAGMA cell_size_check = ON")
  }

  /// Refuses a catalog whose tables are not those that this program makes.
  ///
  /// A trigger or view in it would have what this program reads and writes be something else. Columns of other types
  /// would have it meet values that it relies on not to be there.
  static func checkShape(_ db: Database, _ path: FilePath) throws {
    let (found, expected) = (try shape(db), shapes[try version(db)] ?? [])
    guard let odd = found.symmetricDifference(expected).min() else { return }
    throw CatalogError(
      .unusable,
      "the catalog '\(path)' is not as ckptfs makes it ('\(odd.filter { $0 >= " " })' is \(found.contains(odd) ? "odd" : "absent")); "
        + "'ckptfs fsck --rebuild-catalog' makes it anew")
  }

  /// By format.
  private static let shapes: [Int: Set<String>] = {
    do {
      return try DatabaseQueue().writeWithoutTransaction { db in
        var shapes: [Int: Set<String>] = [:]
        for part in parts {
          try db.execute(sql: part.schema)
          shapes[part.format] = try shape(db)
        }
        return shapes
      }
    } catch {
      preconditionFailure("the schema is sound: \(error)")
    }
  }()

  /// Every table, column and index, and whatever else there is, each in a line.
  private static func shape(_ db: Database) throws -> Set<String> {
    let columns = try String.fetchAll(
      db,
      sql: """
        SELECT format('%s %s %d %d, column %s %s %d %d %d %s', list.type, list.name, list.strict, list.wr, info.name,
          info.type, info."notnull", info.pk, info.hidden, info.dflt_value)
        FROM pragma_table_list AS list JOIN pragma_table_xinfo(list.name) AS info
        WHERE list.schema = 'main' AND list.name NOT IN ('sqlite_schema', 'sqlite_sequence')
        """)
    let indexes = try String.fetchAll(
      db,
      sql: """
        SELECT format('table %s, index %s %d %d', list.name, entry.name, entry."unique", entry.partial)
        FROM pragma_table_list AS list JOIN pragma_index_list(list.name) AS entry WHERE list.schema = 'main'
        """)
    let others = try String.fetchAll(
      db,
      sql: "SELECT format('%s %s', type, name) FROM sqlite_schema WHERE type IN ('trigger', 'view')"
    )
    return Set(columns + indexes + others)
  }
}
