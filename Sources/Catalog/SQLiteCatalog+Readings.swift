// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import GRDB

extension SQLiteCatalog {
  /// What format 4 added to format 3.
  static let readingSchema = """
    -- Blobs whose bytes were read and found right. Incarnations are never reused, so a row without a blob means nothing.
    CREATE TABLE reading (
      blob INTEGER PRIMARY KEY,
      -- The value of reading_pass.turn when it was noted.
      turn INTEGER NOT NULL,
      -- When the file's inode had last changed (ctime) before it was read.
      changed INTEGER NOT NULL,
      time INTEGER NOT NULL
    ) STRICT;

    -- One row: a clock that nobody can set, and the pass that has not ended.
    CREATE TABLE reading_pass (
      -- Grows with each note of readings.
      turn INTEGER NOT NULL,
      -- What is read in the pass has a greater turn; NULL when none is under way.
      began_at INTEGER,
      began INTEGER NOT NULL
    ) STRICT;
    INSERT INTO reading_pass (turn, began_at, began) VALUES (1, NULL, 0);
    """

  package func beginReading(
    anew: Bool, now: Timestamp
  ) throws(CatalogError) -> ReadingPass {
    try write(.noteReading) { db in
      let last = try db.row(
        "SELECT began_at, began FROM reading_pass WHERE began_at IS NOT NULL"
      ) { ReadingPass(turn: $0.integer(0), began: try $0.moment(1), isResumed: true) }
      if let last, !anew { return last }
      let turn = try Self.nextTurn(db)
      try db.run("UPDATE reading_pass SET began_at = ?, began = ?", [turn, now.nanoseconds])
      return ReadingPass(turn: turn, began: now, isResumed: false)
    }
  }

  private static func nextTurn(_ db: Database) throws -> Int64 {
    try db.run("UPDATE reading_pass SET turn = turn + 1")
    guard let turn = try db.row("SELECT turn FROM reading_pass", [], { $0.integer(0) }) else {
      throw CatalogError(
        .unusable,
        "the catalog has lost its clock of readings; 'ckptfs fsck --rebuild-catalog' makes it anew")
    }
    return turn
  }

  package func noteRead(_ readings: [Reading], now: Timestamp) throws(CatalogError) {
    guard !readings.isEmpty else { return }
    try write(.noteReading) { db in
      let turn = try Self.nextTurn(db)
      for reading in readings {
        // One that was collected meanwhile leaves nothing behind.
        try db.run(
          """
          INSERT OR REPLACE INTO reading (blob, turn, changed, time)
          SELECT id, ?, ?, ? FROM blob WHERE id = ? AND stored = 1 AND condemned = 0
          """,
          [
            turn, reading.changed.nanoseconds, now.nanoseconds, reading.name.incarnation.rawValue,
          ])
      }
    }
  }

  package func finishReading(_ pass: ReadingPass) throws(CatalogError) {
    try write(.noteReading) { db in
      try db.run("UPDATE reading_pass SET began_at = NULL WHERE began_at = ?", [pass.turn])
    }
  }

  package func readingAge(now: Timestamp) throws(CatalogError) -> ReadingAge {
    let period = ReadingAge.period.components.seconds * 1_000_000_000
    return try read { db in
      let age = try db.row(
        """
        SELECT ifnull(sum(size) FILTER (WHERE turn IS NULL), 0),
          ifnull(sum(size) FILTER (WHERE turn IS NULL OR time < ?), 0), min(time)
        FROM blob LEFT JOIN reading ON reading.blob = blob.id WHERE stored = 1 AND kind = 0
        """, [now.nanoseconds - period]
      ) { row in
        ReadingAge(
          neverReadBytes: row.integer(0), notRecentlyReadBytes: row.integer(1),
          oldest: row.hasNull(atIndex: 2) ? nil : row.timestamp(2))
      }
      return age ?? ReadingAge(neverReadBytes: 0, notRecentlyReadBytes: 0, oldest: nil)
    }
  }

  package func lastReadings() throws(CatalogError) -> (time: Timestamp, bytes: Int64)? {
    try read { db in
      let last = try db.row(
        """
        SELECT max(time), sum(size) FROM reading JOIN blob ON blob.id = reading.blob
        WHERE turn = (SELECT max(turn) FROM reading)
        """
      ) { row -> (time: Timestamp, bytes: Int64)? in
        row.hasNull(atIndex: 0) ? nil : (time: try row.moment(0), bytes: row.integer(1))
      }
      return last ?? nil
    }
  }

  package func leastRecentlyRead(limit: Int) throws(CatalogError) -> [StoredBlob] {
    try read { db in
      try db.rows(
        """
        SELECT \(StoredBlob.columns) FROM blob LEFT JOIN reading ON reading.blob = blob.id
        WHERE stored = 1 AND condemned = 0 ORDER BY ifnull(turn, 0), blob.id LIMIT ?
        """, [Int64(limit)], StoredBlob.init)
    }
  }

  package func readingTotals(
    _ pass: ReadingPass?
  ) throws(CatalogError) -> (all: Int64, read: Int64) {
    try read { db in
      let totals = try db.row(
        """
        SELECT ifnull(sum(size), 0), ifnull(sum(size) FILTER (WHERE turn > ?), 0)
        FROM blob LEFT JOIN reading ON reading.blob = blob.id WHERE stored = 1
        """, [pass?.turn ?? .max]
      ) { (all: $0.integer(0), read: $0.integer(1)) }
      return totals ?? (0, 0)
    }
  }
}

extension StoredBlob {
  /// Of `blob LEFT JOIN reading`.
  static let columns = "\(BlobRecord.columns), kind, turn, changed, time"

  init(_ row: Row) throws {
    let next = BlobRecord.nextColumn
    self.init(
      record: try BlobRecord(row), kind: row.integer(next) == 0 ? .content : .page,
      lastReading: row.hasNull(atIndex: next + 1)
        ? nil
        : LastReading(
          turn: row.integer(next + 1), changed: row.timestamp(next + 2),
          time: try row.moment(next + 3)))
  }
}
