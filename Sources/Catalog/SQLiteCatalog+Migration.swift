// SPDX-License-Identifier: Apache-2.0

import GRDB

extension SQLiteCatalog {
  /// The oldest format that is understood; opened for writing, it becomes the newest.
  static let leastFormat = 2

  /// Brings a catalog of an older version to ``format``.
  static func migrate(_ db: Database) throws {
    guard try version(db) < format else { return }
    try db.inTransaction(.immediate) {
      // Another may have been faster.
      let found = try version(db)
      if found < format {
        for part in parts where part.format > found { try db.execute(sql: part.schema) }
        try db.execute(sql: "PRAGMA user_version = \(format)")
      }
      return .commit
    }
  }

  static func version(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
  }

  /// What format 3 added to format 2.
  static let gatheringSchema = """
    -- A pending checkpoint whose shards several processes commit; see Deadline for its time.
    CREATE TABLE gathering (
      pending INTEGER PRIMARY KEY REFERENCES pending (id),
      boot TEXT NOT NULL,
      deadline INTEGER NOT NULL,
      period INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE shard (
      pending INTEGER NOT NULL REFERENCES gathering (pending),
      name TEXT NOT NULL,
      -- 1 from its commit on; the numbers below are 0 before.
      committed INTEGER NOT NULL DEFAULT 0,
      owner_user INTEGER NOT NULL DEFAULT 0,
      owner_group INTEGER NOT NULL DEFAULT 0,
      files INTEGER NOT NULL DEFAULT 0,
      full_bytes INTEGER NOT NULL DEFAULT 0,
      new_bytes INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (pending, name)
    ) STRICT, WITHOUT ROWID;

    -- What committed shards hold: it becomes the checkpoint's in checkpoint_page.
    CREATE TABLE shard_page (
      pending INTEGER NOT NULL REFERENCES gathering (pending),
      shard TEXT NOT NULL,
      stream INTEGER NOT NULL,
      first BLOB NOT NULL,
      page INTEGER NOT NULL,
      PRIMARY KEY (pending, stream, first)
    ) STRICT, WITHOUT ROWID;
    """
}
