// SPDX-License-Identifier: Apache-2.0

import BlobStore
package import Checkpoints
import Foundation
import GRDB
package import SystemPackage

/// Makes a catalog anew, in a file of its own, from what lies beside a lost one (promise P8).
///
/// Add histories and blobs first, then pages, checkpoints and tags. Nothing is a catalog before
/// `finish` returned.
package final class CatalogRebuild {
  private let queue: DatabaseQueue
  private let path: FilePath

  /// Ids in the new catalog start beyond any that the lost one can have given: what was given and dropped
  /// cannot be known, so a stretch is left out that no store gives away between two rebuilds (``RebuiltIDs``).
  private static let idStretch: Int64 = 1 << 20
  /// Ids have 34 bits in inode numbers.
  private static let idLimit: Int64 = 1 << 34

  package init(at path: FilePath, store: StoreID) throws(CatalogError) {
    self.path = path
    do {
      var configuration = Configuration()
      // All is one transaction, from here to `finish`.
      configuration.allowsUnsafeTransactions = true
      try SQLiteCatalog.makeFile(path)
      queue = try DatabaseQueue(path: path.string, configuration: configuration)
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        try SQLiteCatalog.createSchema(db, store: store)
        try db.execute(sql: "BEGIN IMMEDIATE")
      }
    } catch {
      throw SQLiteCatalog.translated(error, path)
    }
  }

  package func add(_ history: HistoryManifest) throws(CatalogError) {
    try run { db in
      try db.run(
        "INSERT INTO history (id, name, next_number, changed) VALUES (?, ?, 1, 0)",
        [history.id.rawValue, history.name.rawValue])
    }
  }

  package func add(_ blob: BlobRecord, _ kind: BlobKind) throws(CatalogError) {
    try run { db in
      try db.run(
        """
        INSERT INTO blob (
          id, digest, size, modified, owner_user, owner_group, file_user, file_group, file_mode, kind, node,
          condemned, stored)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """,
        [
          blob.name.incarnation.rawValue, blob.name.digest.data, Int64(bitPattern: blob.size),
          blob.modified.nanoseconds, Int64(blob.owner.user), Int64(blob.owner.group),
          Int64(blob.access.owner.user), Int64(blob.access.owner.group),
          Int64(blob.access.permissions), kind.rawValue,
          Int64(bitPattern: SharedInode(blob.name.digest).rawValue), blob.isCondemned ? 1 : 0,
        ])
    }
  }

  /// Takes another time for that of a blob's file than the one that it was added with.
  package func setModified(_ name: BlobName, to time: Timestamp) throws(CatalogError) {
    try run { db in
      try db.run(
        "UPDATE blob SET modified = ?2 WHERE id = ?1",
        [name.incarnation.rawValue, time.nanoseconds])
    }
  }

  /// Remembers a file that no completed checkpoint needs as to be removed; twice is once.
  package func addRemoval(_ name: BlobName) throws(CatalogError) {
    try run { db in
      try db.run(
        "INSERT OR IGNORE INTO removal (id, digest) VALUES (?, ?)",
        [name.incarnation.rawValue, name.digest.data])
    }
  }

  package func add(_ page: Page, as name: BlobName) throws(CatalogError) {
    try run { db in
      try SQLiteCatalog.insert(db, page, id: name.incarnation.rawValue) {
        CatalogError(.unusable, "page \(page.digest) refers to a content that is missing")
      }
    }
  }

  package func add(
    _ checkpoint: CheckpointRecord, pages: [(page: Page, name: BlobName)]
  ) throws(CatalogError) {
    try run { db in
      try SQLiteCatalog.insert(db, checkpoint)
      for (page, name) in pages {
        try SQLiteCatalog.refer(
          db, checkpoint.id, to: page, id: name.incarnation.rawValue)
      }
    }
  }

  /// Keeps the number of a checkpoint that is lost from being given again.
  package func useUp(_ number: CheckpointNumber, of history: HistoryID) throws(CatalogError) {
    try run { db in
      try db.run(
        "UPDATE history SET next_number = max(next_number, ?2 + 1) WHERE id = ?1",
        [history.rawValue, number.rawValue])
    }
  }

  package func add(_ tag: TagRecord) throws(CatalogError) {
    try run { db in
      try db.run(
        "INSERT INTO tag (id, history, name, checkpoint, created) VALUES (?, ?, ?, ?, ?)",
        [
          tag.id.rawValue, tag.history.rawValue, tag.name.rawValue, tag.checkpoint.rawValue,
          tag.created.nanoseconds,
        ])
    }
  }

  /// Has a manifest or tag written anew by whoever opens the store.
  package func post(_ action: OutboxItem.Action) throws(CatalogError) {
    try run { db in try SQLiteCatalog.post(db, action) }
  }

  /// Completes the catalog. Durable on return.
  ///
  /// - Parameters:
  ///   - changes: how many it has counted already, beyond those of the lost one.
  ///   - used: the greatest ids that anything in the store has, be it left out.
  ///   - previous: beyond which ids the catalog before this one gave its own, if that was made anew, too.
  /// - Throws: code `refused` when there are no ids beyond those that are there.
  /// - Returns: beyond which ids this one gives its own.
  package func finish(
    counting changes: Int64, beyond used: RebuiltIDs, previous: RebuiltIDs?
  ) throws(CatalogError) -> RebuiltIDs {
    let ids = try run { db in
      try db.execute(sql: "UPDATE history SET least_number = next_number")
      try SQLiteCatalog.startCounting(db, from: changes)
      func start(_ table: String, beyond used: Int64, _ previous: Int64?) throws -> Int64 {
        let counted = table == "pending" ? "checkpoint" : table
        let greatest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(counted)") ?? 0
        let last = max(greatest, used, previous ?? 0)
        // Another stretch is for the ids that will be given.
        guard table == "blob" || last < Self.idLimit - 2 * Self.idStretch else {
          throw Self.exhausted(counted, last)
        }
        let start = last + Self.idStretch
        try db.run("DELETE FROM sqlite_sequence WHERE name = ?", [table])
        try db.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, start])
        return start
      }
      let ids = RebuiltIDs(
        history: HistoryID(
          rawValue: try start(
            "history", beyond: used.history.rawValue, previous?.history.rawValue)),
        tag: TagID(rawValue: try start("tag", beyond: used.tag.rawValue, previous?.tag.rawValue)),
        checkpoint: CheckpointID(
          rawValue: try start(
            "pending", beyond: used.checkpoint.rawValue, previous?.checkpoint.rawValue)),
        content: Incarnation(
          rawValue: try start("blob", beyond: used.content.rawValue, previous?.content.rawValue)))
      try db.execute(sql: "COMMIT")
      return ids
    }
    do {
      try queue.close()
    } catch {
      throw SQLiteCatalog.translated(error, path)
    }
    return ids
  }

  private static func exhausted(_ table: String, _ id: Int64) -> CatalogError {
    CatalogError(
      .refused,
      "a manifest, or the file 'ids', has the id \(id) for a \(table), which no store comes to and which leaves none for "
        + "new ones; move it out of the store and rebuild again")
  }

  private func run<Result>(_ body: (Database) throws -> Result) throws(CatalogError) -> Result {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      throw SQLiteCatalog.translated(error, path)
    }
  }
}
