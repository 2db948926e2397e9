// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import GRDB
import SystemPackage

extension SQLiteCatalog {
  /// The format that this program reads and writes; `PRAGMA user_version` tells that of a file.
  static let format = 4

  /// The format that each part of the tables came with, from the oldest that is understood.
  static let parts: [(format: Int, schema: String)] = [
    (leastFormat, schema), (3, gatheringSchema), (format, readingSchema),
  ]

  /// Marks the file as a catalog: "ckpt".
  static let applicationID = 0x636b_7074

  static func createSchema(_ db: Database, store: StoreID) throws {
    try db.inTransaction(.immediate) {
      for part in parts { try db.execute(sql: part.schema) }
      try db.execute(sql: "INSERT INTO store (id) VALUES (?)", arguments: [store.description])
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(format)")
      return .commit
    }
  }

  static func checkFormat(_ db: Database, _ path: FilePath) throws -> StoreID {
    guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
      throw CatalogError(
        .unusable,
        "'\(path)' is no catalog of ckptfs; if it was lost, 'ckptfs fsck --rebuild-catalog' makes "
          + "it anew")
    }
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard (leastFormat...format).contains(found) else {
      throw CatalogError(
        .unusable,
        "the catalog '\(path)' has format \(found), this ckptfs knows formats \(leastFormat) to \(format); use "
          + "the version that wrote it, or make it anew by 'ckptfs fsck --rebuild-catalog'")
    }
    guard let id = try String.fetchOne(db, sql: "SELECT id FROM store").flatMap({ StoreID($0) })
    else {
      throw CatalogError(.unusable, "the catalog '\(path)' does not say whose it is")
    }
    return id
  }

  /// Ids are AUTOINCREMENT where they must never be reused: they are node ids and file names.
  private static let schema = """
    CREATE TABLE store (id TEXT NOT NULL) STRICT;

    CREATE TABLE history (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      -- Greater than every number that was completed.
      next_number INTEGER NOT NULL,
      -- Smaller numbers are refused: after a rebuild it is not known which of them were dropped.
      least_number INTEGER NOT NULL DEFAULT 1,
      changed INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE checkpoint (
      id INTEGER PRIMARY KEY,
      history INTEGER NOT NULL REFERENCES history (id),
      number INTEGER NOT NULL,
      -- 0 completed; 1 dropped; 2 dropped, and its pages released: kept for its number.
      state INTEGER NOT NULL,
      completed INTEGER NOT NULL,
      owner_user INTEGER NOT NULL,
      owner_group INTEGER NOT NULL,
      files INTEGER NOT NULL,
      full_bytes INTEGER NOT NULL,
      new_bytes INTEGER NOT NULL,
      UNIQUE (history, number)
    ) STRICT;
    CREATE INDEX checkpoint_dropped ON checkpoint (state) WHERE state = 1;
    CREATE INDEX checkpoint_completed ON checkpoint (history, completed);
    -- Dropped ones are kept for their numbers, and may be many.
    CREATE INDEX checkpoint_visible ON checkpoint (history, number) WHERE state = 0;

    CREATE TABLE tag (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      history INTEGER NOT NULL REFERENCES history (id),
      name TEXT NOT NULL,
      checkpoint INTEGER NOT NULL REFERENCES checkpoint (id),
      created INTEGER NOT NULL,
      UNIQUE (history, name)
    ) STRICT;
    CREATE INDEX tag_checkpoint ON tag (checkpoint);

    -- Its id becomes the checkpoint's.
    CREATE TABLE pending (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      history INTEGER NOT NULL REFERENCES history (id),
      number INTEGER NOT NULL,
      owner TEXT NOT NULL UNIQUE,
      base INTEGER REFERENCES checkpoint (id),
      UNIQUE (history, number)
    ) STRICT;
    CREATE INDEX pending_base ON pending (base);

    CREATE TABLE lease (
      owner TEXT PRIMARY KEY,
      checkpoint INTEGER NOT NULL REFERENCES checkpoint (id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX lease_checkpoint ON lease (checkpoint);

    -- Its id is the incarnation in the name of its file.
    CREATE TABLE blob (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      digest BLOB NOT NULL,
      kind INTEGER NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      -- Whose file it came from.
      owner_user INTEGER NOT NULL,
      owner_group INTEGER NOT NULL,
      -- How its own file looked when it came in: of a copy, the store's, not the source's.
      file_user INTEGER NOT NULL,
      file_group INTEGER NOT NULL,
      file_mode INTEGER NOT NULL,
      -- The inode number in a mount.
      node INTEGER NOT NULL,
      -- 1 when a check found other bytes in its file than its digest says.
      condemned INTEGER NOT NULL DEFAULT 0,
      -- 1 when the file is placed and synced: only then may another use it.
      stored INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX blob_digest ON blob (digest, kind) WHERE stored = 1;
    CREATE UNIQUE INDEX blob_node ON blob (node) WHERE stored = 1 AND kind = 0;

    CREATE TABLE pin (
      pending INTEGER NOT NULL REFERENCES pending (id),
      blob INTEGER NOT NULL REFERENCES blob (id),
      PRIMARY KEY (pending, blob)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pin_blob ON pin (blob);

    -- Its id is that of the blob that keeps its text.
    CREATE TABLE page (
      id INTEGER PRIMARY KEY REFERENCES blob (id),
      entries INTEGER NOT NULL,
      -- The sizes of its entries together.
      bytes INTEGER NOT NULL,
      -- What the sources of its entries looked like, as a digest, while they are the blobs' own files.
      sources BLOB,
      -- In how many completed checkpoints it is.
      refs INTEGER NOT NULL,
      -- In how many lists of pages it is: those of dropped checkpoints, until released, and of shards too.
      holders INTEGER NOT NULL
    ) STRICT;

    -- Apart from page, so that counting reads few database pages.
    CREATE TABLE page_text (
      page INTEGER PRIMARY KEY,
      content BLOB NOT NULL
    ) STRICT;

    CREATE TABLE checkpoint_page (
      checkpoint INTEGER NOT NULL REFERENCES checkpoint (id),
      stream INTEGER NOT NULL,
      first BLOB NOT NULL,
      -- No REFERENCES: removing a page would search this table for it; `holders` tells instead.
      page INTEGER NOT NULL,
      PRIMARY KEY (checkpoint, stream, first)
    ) STRICT, WITHOUT ROWID;

    -- count(blob) is the sum of refs × times over its pages.
    CREATE TABLE page_blob (
      blob INTEGER NOT NULL REFERENCES blob (id),
      page INTEGER NOT NULL,
      times INTEGER NOT NULL,
      PRIMARY KEY (blob, page)
    ) STRICT, WITHOUT ROWID;

    -- What a source file looked like when it was hashed.
    CREATE TABLE evidence (
      device INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      born INTEGER NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      blob INTEGER NOT NULL REFERENCES blob (id),
      -- The blob whose file this inode is, if any.
      linked INTEGER,
      PRIMARY KEY (inode, device)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX evidence_blob ON evidence (blob);

    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      -- The checkpoint whose drop is not complete before this is done.
      dropped INTEGER,
      action TEXT NOT NULL
    ) STRICT;
    CREATE INDEX outbox_dropped ON outbox (dropped) WHERE dropped IS NOT NULL;

    -- Files of blobs that are gone from the catalog.
    CREATE TABLE removal (
      id INTEGER PRIMARY KEY,
      digest BLOB NOT NULL
    ) STRICT;
    """
}
