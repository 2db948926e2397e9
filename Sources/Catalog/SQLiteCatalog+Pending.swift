// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints
import DurabilitySteps
import Foundation
import GRDB

extension SQLiteCatalog {
  package func begin(
    _ number: CheckpointNumber?, of name: HistoryName, owner: OwnerToken, now: Timestamp,
    isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) -> Beginning {
    try write(.beginTransaction) { db in
      let history = try Self.historyForBeginning(db, name, now)
      if let number, let done = try Self.completed(db, number, of: history, name) {
        return .completed(done)
      }
      let chosen = try number ?? Self.nextNumber(db, of: history)
      try Self.supersede(db, chosen, of: history, name, isAlive)
      let base = try Self.lastCompleted(db, in: history)
      try db.run(
        "INSERT INTO pending (history, number, owner) VALUES (?, ?, ?)",
        [history.rawValue, chosen.rawValue, owner.description])
      let id = db.lastInsertedRowID
      if let base {
        try Steps.perform(.leaseBase) {
          try db.run("UPDATE pending SET base = ? WHERE id = ?", [base.id.rawValue, id])
        }
      }
      return .pending(
        PendingRecord(
          id: CheckpointID(rawValue: id), history: history, historyName: name, number: chosen,
          owner: owner, base: base))
    }
  }

  private static func historyForBeginning(
    _ db: Database, _ name: HistoryName, _ now: Timestamp
  ) throws -> HistoryID {
    let known = try db.row("SELECT id FROM history WHERE name = ?", [name.rawValue]) {
      $0.integer(0)
    }
    if let known { return HistoryID(rawValue: known) }
    try db.run(
      "INSERT INTO history (name, next_number, changed) VALUES (?, 1, ?)",
      [name.rawValue, now.nanoseconds])
    return HistoryID(rawValue: db.lastInsertedRowID)
  }

  private static func completed(
    _ db: Database, _ number: CheckpointNumber, of history: HistoryID, _ name: HistoryName
  ) throws -> CheckpointRecord? {
    let found = try db.row(
      "SELECT \(CheckpointRecord.columns), state FROM checkpoint WHERE history = ? AND number = ?",
      [history.rawValue, number.rawValue]
    ) { (record: try CheckpointRecord($0), state: $0.integer(9)) }
    let least = try db.row(
      "SELECT least_number FROM history WHERE id = ?", [history.rawValue]
    ) { $0.integer(0) }
    switch found {
    case (let record, 0)?: return record
    case .none where number.rawValue >= least ?? 1: return nil
    default:
      throw CatalogError(
        .refused,
        "\(name)/\(number.directoryName) was dropped, and a number is never used again; choose "
          + "another --number, or leave it out")
    }
  }

  private static func nextNumber(
    _ db: Database, of history: HistoryID
  ) throws -> CheckpointNumber {
    let next = try db.row(
      """
      SELECT max(next_number, ifnull((SELECT max(number) + 1 FROM pending WHERE history = ?1), 1))
      FROM history WHERE id = ?1
      """, [history.rawValue]
    ) { try $0.number(0) }
    guard let next else { throw CatalogError(.noSuchHistory, "the history is gone; try again") }
    return next
  }

  /// Gives up what a dead process left under the same number.
  private static func supersede(
    _ db: Database, _ number: CheckpointNumber, of history: HistoryID, _ name: HistoryName,
    _ isAlive: (OwnerToken) throws -> Bool
  ) throws {
    let taken = try db.row(
      "SELECT id, owner FROM pending WHERE history = ? AND number = ?",
      [history.rawValue, number.rawValue]
    ) { (id: $0.integer(0), owner: $0[1] as String) }
    guard let taken else { return }
    if let owner = OwnerToken(taken.owner), try isAlive(owner) {
      throw CatalogError(
        .busy,
        "\(name)/\(number.directoryName) is being taken by another process; wait for it, or "
          + "choose another --number")
    }
    try forget(db, pending: taken.id)
  }

  static func forget(_ db: Database, pending id: Int64) throws {
    try db.run("DELETE FROM pin WHERE pending = ?", [id])
    try db.run("DELETE FROM pending WHERE id = ?", [id])
  }

  static func lastCompleted(
    _ db: Database, in history: HistoryID
  ) throws -> CheckpointRecord? {
    try db.row(
      """
      SELECT \(CheckpointRecord.columns) FROM checkpoint
      WHERE history = ? AND state = 0 ORDER BY completed DESC LIMIT 1
      """, [history.rawValue], CheckpointRecord.init)
  }

  /// Refuses to go on for a pending checkpoint that was given up.
  static func checkAlive(_ db: Database, _ pending: PendingRecord) throws {
    let owner = try db.row("SELECT owner FROM pending WHERE id = ?", [pending.id.rawValue]) {
      $0[0] as String
    }
    try Steps.perform(.fencePending) {
      guard owner == pending.owner.description else { throw expired(pending) }
    }
  }

  static func expired(_ pending: PendingRecord) -> CatalogError {
    CatalogError(
      .expired,
      "\(pending.historyName)/\(pending.number.directoryName) was given up while it was being taken: "
        + "what it relied on may be gone; take it again")
  }

  package func knowledge(
    of evidence: [Evidence]
  ) throws(CatalogError) -> [FileKnowledge] {
    try read { db in
      try evidence.map { evidence in
        let known = try db.row(
          """
          SELECT blob.id, digest, blob.size, blob.modified, owner_user, owner_group,
            evidence.size, evidence.modified
          FROM evidence JOIN blob ON blob.id = evidence.blob
          WHERE inode = ? AND device = ? AND born = ?
          """,
          [
            Int64(bitPattern: evidence.inode), Int64(bitPattern: evidence.device),
            evidence.born.nanoseconds,
          ]
        ) { row in
          (
            blob: try BlobRecord(row), size: UInt64(bitPattern: row.integer(6)),
            modified: row.timestamp(7)
          )
        }
        guard let known else { return .unknown }
        let isSame = known.size == evidence.size && known.modified == evidence.modified
        return isSame ? .unchanged(known.blob) : .changed
      }
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

  private static func insert(
    _ db: Database, _ blob: NewBlob, _ kind: BlobKind
  ) throws -> BlobName {
    let digest = blob.content.digest
    try db.run(
      """
      INSERT INTO blob (digest, kind, size, modified, owner_user, owner_group, node, stored)
      VALUES (?, ?, ?, ?, ?, ?, ?, 0)
      """,
      [
        digest.data, kind.rawValue, Int64(bitPattern: blob.content.size),
        blob.content.modified.nanoseconds, Int64(blob.owner.user), Int64(blob.owner.group),
        Int64(bitPattern: SharedInode(digest).rawValue),
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
    evidence: [(evidence: Evidence, digest: Digest)], for pending: PendingRecord
  ) throws(CatalogError) -> [BlobRecord] {
    try write(.settleTransaction) { db in
      try Self.checkAlive(db, pending)
      for name in placed {
        if let known = try Self.stored(db, name.digest, .content), damaged.contains(known.name) {
          try Self.replace(db, known.name, by: name)
        }
      }
      let records = try placed.map { try Self.settle(db, $0, .content, for: pending) }
      for (evidence, digest) in evidence { try Self.record(db, evidence, of: digest) }
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
  private static func replace(
    _ db: Database, _ damaged: BlobName, by name: BlobName
  ) throws {
    let (old, new) = (damaged.incarnation.rawValue, name.incarnation.rawValue)
    try db.run("UPDATE page_blob SET blob = ?2 WHERE blob = ?1", [old, new])
    try db.run(
      "INSERT OR IGNORE INTO pin (pending, blob) SELECT pending, ?2 FROM pin WHERE blob = ?1",
      [old, new])
    try db.run("DELETE FROM pin WHERE blob = ?", [old])
    try db.run("DELETE FROM evidence WHERE blob = ?", [old])
    try db.run("DELETE FROM blob WHERE id = ?", [old])
    try db.run("INSERT INTO removal (id, digest) VALUES (?, ?)", [old, damaged.digest.data])
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

  private static func record(_ db: Database, _ evidence: Evidence, of digest: Digest) throws {
    try db.run(
      """
      INSERT OR REPLACE INTO evidence (device, inode, born, size, modified, blob)
      SELECT ?, ?, ?, ?, ?, id FROM blob WHERE digest = ? AND kind = 0 AND stored = 1
      """,
      [
        Int64(bitPattern: evidence.device), Int64(bitPattern: evidence.inode),
        evidence.born.nanoseconds, Int64(bitPattern: evidence.size),
        evidence.modified.nanoseconds, digest.data,
      ])
  }

  package func abort(_ pending: PendingRecord) throws(CatalogError) {
    try write(.abortTransaction) { db in
      try Self.forget(db, pending: pending.id.rawValue)
      try Self.forgetEmptyHistories(db)
    }
  }

  /// A history exists for the user from its first completed checkpoint on.
  static func forgetEmptyHistories(_ db: Database) throws {
    try db.run(
      """
      DELETE FROM history WHERE NOT EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.history = history.id)
        AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.history = history.id)
      """)
  }
}

extension Digest {
  /// For a statement's arguments.
  var data: DatabaseValue { Data(bytes).databaseValue }
}
