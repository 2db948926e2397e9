// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints
import DurabilitySteps
import Foundation
import GRDB

extension SQLiteCatalog {
  package func knowledge(
    of evidence: [Evidence]
  ) throws(CatalogError) -> [FileKnowledge] {
    // One query for all, since a query for each of 16,000 files costs more than all else of a commit.
    let inodes = Set(evidence.map { Int64(bitPattern: $0.inode) })
    let wanted = "[" + inodes.map(String.init).joined(separator: ",") + "]"
    let known = try read { db in
      try db.rows(
        """
        SELECT \(BlobRecord.columns), device, inode, born, evidence.size, evidence.modified, linked
        FROM json_each(?) AS wanted JOIN evidence ON evidence.inode = wanted.value
        JOIN blob ON blob.id = evidence.blob
        """, [wanted], KnownFile.init)
    }
    let byFile = Dictionary(
      known.map { (FileID(device: $0.seen.device, inode: $0.seen.inode), $0) },
      uniquingKeysWith: { first, _ in first })
    return evidence.map { evidence in
      guard let known = byFile[FileID(device: evidence.device, inode: evidence.inode)],
        known.seen.born == evidence.born
      else { return .unknown }
      guard known.seen == evidence else { return .changed }
      return .unchanged(known.blob, isBlob: known.linked == known.blob.name.incarnation)
    }
  }

  package func reserve(
    _ blobs: [NewBlob], kind: BlobKind, for pending: PendingRecord
  ) throws(CatalogError) -> [Reservation] {
    try write(.reserveTransaction) { db in
      try Self.checkAlive(db, pending)
      return try blobs.map { blob in
        if let known = try Self.stored(db, blob.content.digest, kind) {
          try Self.pin(db, known.name, for: pending)
          return .kept(known)
        }
        let name = try Self.insert(db, blob, kind)
        try Self.pin(db, name, for: pending)
        return .new(name)
      }
    }
  }

  static func stored(
    _ db: Database, _ digest: Digest, _ kind: BlobKind
  ) throws -> BlobRecord? {
    try db.row(
      "SELECT \(BlobRecord.columns) FROM blob WHERE digest = ? AND kind = ? AND stored = 1",
      [digest.data, kind.rawValue], BlobRecord.init)
  }

  static func insert(
    _ db: Database, _ blob: NewBlob, _ kind: BlobKind
  ) throws -> BlobName {
    let digest = blob.content.digest
    try db.run(
      """
      INSERT INTO blob (
        digest, kind, size, modified, owner_user, owner_group, file_user, file_group, file_mode, node, stored)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
      """,
      [
        digest.data, kind.rawValue, Int64(bitPattern: blob.content.size),
        blob.content.modified.nanoseconds, Int64(blob.owner.user), Int64(blob.owner.group),
        Int64(blob.access.owner.user), Int64(blob.access.owner.group),
        Int64(blob.access.permissions), Int64(bitPattern: SharedInode(digest).rawValue),
      ])
    return BlobName(digest: digest, incarnation: Incarnation(rawValue: db.lastInsertedRowID))
  }

  private static func pin(
    _ db: Database, _ name: BlobName, for pending: PendingRecord
  ) throws {
    try Steps.perform(.pinBlob) {
      try db.run(
        "INSERT OR IGNORE INTO pin (pending, blob) VALUES (?, ?)",
        [pending.id.rawValue, name.incarnation.rawValue])
    }
  }

  package func reserveReplacements(
    _ blobs: [NewBlob], for pending: PendingRecord
  ) throws(CatalogError) -> [BlobName] {
    try write(.reserveTransaction) { db in
      try Self.checkAlive(db, pending)
      return try blobs.map { blob in
        let name = try Self.insert(db, blob, .content)
        try Self.pin(db, name, for: pending)
        return name
      }
    }
  }

  package func pin(
    _ blobs: [BlobName], for pending: PendingRecord
  ) throws(CatalogError) -> [Bool] {
    try write(.reserveTransaction) { db in
      try Self.checkAlive(db, pending)
      return try blobs.map { name in
        let isThere = try db.row(
          "SELECT 1 FROM blob WHERE id = ? AND stored = 1", [name.incarnation.rawValue]
        ) { _ in true }
        guard isThere == true else { return false }
        try Self.pin(db, name, for: pending)
        return true
      }
    }
  }

  package func settle(
    _ placed: [BlobName], replacing damaged: Set<BlobName>,
    evidence: [SourceEvidence], for pending: PendingRecord
  ) throws(CatalogError) -> [BlobRecord] {
    try write(.settleTransaction) { db in
      try Self.checkAlive(db, pending)
      for name in placed {
        if let known = try Self.stored(db, name.digest, .content), damaged.contains(known.name) {
          try Self.replace(db, known.name, by: name)
        }
      }
      let records = try placed.map { try Self.settle(db, $0, .content, for: pending) }
      for source in evidence { try Self.record(db, source) }
      return records
    }
  }

  /// Makes a placed blob available, unless another with the same content was first: then that one is
  /// taken, and this one given to collection.
  static func settle(
    _ db: Database, _ name: BlobName, _ kind: BlobKind, for pending: PendingRecord
  ) throws -> BlobRecord {
    let id = name.incarnation.rawValue
    if let first = try stored(db, name.digest, kind), first.name != name {
      try db.run("DELETE FROM pin WHERE pending = ? AND blob = ?", [pending.id.rawValue, id])
      try pin(db, first.name, for: pending)
      try db.run("DELETE FROM blob WHERE id = ? AND stored = 0", [id])
      try db.run("INSERT INTO removal (id, digest) VALUES (?, ?)", [id, name.digest.data])
      return first
    }
    try checkCollision(db, name, kind)
    try db.run("UPDATE blob SET stored = 1 WHERE id = ?", [id])
    guard let record = try stored(db, name.digest, kind) else { throw expired(pending) }
    return record
  }

  /// Lets everything that refers to a damaged blob refer to another with the same content.
  static func replace(
    _ db: Database, _ damaged: BlobName, by name: BlobName
  ) throws {
    let (old, new) = (damaged.incarnation.rawValue, name.incarnation.rawValue)
    // The new file may be a copy: nobody's source is the blob's own file any more.
    try db.run(
      "UPDATE page SET sources = NULL WHERE id IN (SELECT page FROM page_blob WHERE blob = ?)",
      [old])
    try db.run("UPDATE page_blob SET blob = ?2 WHERE blob = ?1", [old, new])
    try db.run(
      "INSERT OR IGNORE INTO pin (pending, blob) SELECT pending, ?2 FROM pin WHERE blob = ?1",
      [old, new])
    try db.run("DELETE FROM pin WHERE blob = ?", [old])
    try db.run("DELETE FROM evidence WHERE blob = ?", [old])
    try db.run("DELETE FROM reading WHERE blob = ?", [old])
    try db.run("DELETE FROM blob WHERE id = ?", [old])
    try db.run("INSERT INTO removal (id, digest) VALUES (?, ?)", [old, damaged.digest.data])
  }

  package func condemn(_ name: BlobName, _ isCondemned: Bool) throws(CatalogError) {
    let id = name.incarnation.rawValue
    try write(.condemnTransaction) { db in
      if isCondemned {
        try db.run("DELETE FROM reading WHERE blob = ?", [id])
        try db.run("DELETE FROM evidence WHERE blob = ?", [id])
        try db.run(
          "UPDATE page SET sources = NULL WHERE id IN (SELECT page FROM page_blob WHERE blob = ?)",
          [id])
      }
      try db.run("UPDATE blob SET condemned = ? WHERE id = ?", [isCondemned ? 1 : 0, id])
    }
  }

  /// Two contents whose digests begin alike cannot share an inode number.
  private static func checkCollision(
    _ db: Database, _ name: BlobName, _ kind: BlobKind
  ) throws {
    guard kind == .content else { return }
    let other = try db.row(
      "SELECT digest FROM blob WHERE node = ? AND kind = 0 AND stored = 1 AND digest <> ?",
      [Int64(bitPattern: SharedInode(name.digest).rawValue), name.digest.data]
    ) { try $0.digest(0) }
    if let other {
      throw CatalogError(
        .refused,
        "the contents \(name.digest) and \(other) agree in 62 bits of their digests and would share an "
          + "inode number; the file cannot be kept in this store")
    }
  }

  private static func record(_ db: Database, _ source: SourceEvidence) throws {
    let evidence = source.evidence
    try db.run(
      """
      INSERT OR REPLACE INTO evidence (device, inode, born, size, modified, linked, blob)
      SELECT ?, ?, ?, ?, ?, ?, id FROM blob WHERE digest = ? AND kind = 0 AND stored = 1
      """,
      [
        Int64(bitPattern: evidence.device), Int64(bitPattern: evidence.inode),
        evidence.born.nanoseconds, Int64(bitPattern: evidence.size),
        evidence.modified.nanoseconds, source.linked?.rawValue, source.digest.data,
      ])
  }
}

/// A row of evidence with its blob.
private struct KnownFile {
  let blob: BlobRecord
  let seen: Evidence
  let linked: Incarnation?

  init(_ row: Row) throws {
    blob = try BlobRecord(row)
    let next = BlobRecord.nextColumn
    seen = Evidence(
      device: UInt64(bitPattern: row.integer(next)),
      inode: UInt64(bitPattern: row.integer(next + 1)), born: row.timestamp(next + 2),
      size: UInt64(bitPattern: row.integer(next + 3)), modified: row.timestamp(next + 4))
    linked = (row[next + 5] as Int64?).map(Incarnation.init(rawValue:))
  }
}

/// Which file it is, for as long as it is there.
private struct FileID: Hashable {
  let device: UInt64
  let inode: UInt64
}

extension Digest {
  /// For a statement's arguments.
  var data: DatabaseValue { Data(bytes).databaseValue }
}
