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
      return .pending(try Self.insertPending(db, number, of: history, name, owner, isAlive))
    }
  }

  /// - Parameter number: the next of the history for `nil`.
  static func insertPending(
    _ db: Database, _ number: CheckpointNumber?, of history: HistoryID, _ name: HistoryName,
    _ owner: OwnerToken, _ isAlive: (OwnerToken) throws -> Bool
  ) throws -> PendingRecord {
    let chosen = try number ?? nextNumber(db, of: history, name)
    try supersede(db, chosen, of: history, name, isAlive)
    let base = try lastConfirmed(db, in: history)
    try db.run(
      "INSERT INTO pending (history, number, owner) VALUES (?, ?, ?)",
      [history.rawValue, chosen.rawValue, owner.description])
    let id = db.lastInsertedRowID
    guard id < 1 << 34 else {
      throw CatalogError(
        .refused,
        "the store has used up its \(1 << 34) numbers for checkpoints; make another store")
    }
    if let base {
      try Steps.perform(.leaseBase) {
        try db.run("UPDATE pending SET base = ? WHERE id = ?", [base.id.rawValue, id])
      }
    }
    return PendingRecord(
      id: CheckpointID(rawValue: id), history: history, historyName: name, number: chosen,
      owner: owner, base: base)
  }

  static func historyForBeginning(
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

  static func completed(
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
        "the number of \(name)/\(number.directoryName) is used up: the checkpoint was dropped, or lost, and a "
          + "number is never given again; choose another --number, or leave it out")
    }
  }

  private static func nextNumber(
    _ db: Database, of history: HistoryID, _ name: HistoryName
  ) throws -> CheckpointNumber {
    let next = try db.row(
      """
      SELECT max(next_number, ifnull((SELECT max(number) + 1 FROM pending WHERE history = ?1), 1))
      FROM history WHERE id = ?1
      """, [history.rawValue]
    ) { $0.integer(0) }
    guard let next else { throw CatalogError(.noSuchHistory, "the history is gone; try again") }
    guard let number = CheckpointNumber(rawValue: next) else {
      throw CatalogError(
        .refused,
        "\(name) has used \(CheckpointNumber.greatest.directoryName), and there is no greater number; choose "
          + "a smaller --number that was never used, or commit to another history")
    }
    return number
  }

  /// Gives up what a dead process left under the same number.
  private static func supersede(
    _ db: Database, _ number: CheckpointNumber, of history: HistoryID, _ name: HistoryName,
    _ isAlive: (OwnerToken) throws -> Bool
  ) throws {
    let taken = try db.row(
      """
      SELECT id, owner, EXISTS (SELECT 1 FROM gathering WHERE pending = pending.id)
      FROM pending WHERE history = ? AND number = ?
      """, [history.rawValue, number.rawValue]
    ) { (id: $0.integer(0), owner: $0[1] as String, isGathering: $0.integer(2) != 0) }
    guard let taken else { return }
    if taken.isGathering {
      throw CatalogError(
        .busy,
        "\(name)/\(number.directoryName) is pending until its shards are committed; commit one of them by "
          + "--shard, give it up by 'ckptfs abort', or choose another --number")
    }
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

  /// The last completed one that nobody has yet to confirm: what is not confirmed may be withdrawn again.
  private static func lastConfirmed(
    _ db: Database, in history: HistoryID
  ) throws -> CheckpointRecord? {
    try db.row(
      """
      SELECT \(CheckpointRecord.columns) FROM checkpoint
      WHERE history = ?1 AND state = 0 AND NOT EXISTS (
        SELECT 1 FROM tag
        WHERE tag.checkpoint = checkpoint.id AND tag.name = 'unconfirmed-' || checkpoint.number)
      ORDER BY completed DESC LIMIT 1
      """, [history.rawValue], CheckpointRecord.init)
  }

  package func nextNumber(of name: HistoryName) throws(CatalogError) -> CheckpointNumber {
    try read { db in
      let history = try db.row("SELECT id FROM history WHERE name = ?", [name.rawValue]) {
        HistoryID(rawValue: $0.integer(0))
      }
      guard let history else { return .least }
      return try Self.nextNumber(db, of: history, name)
    }
  }

  package func lastIDs() throws(CatalogError) -> RebuiltIDs {
    try read { db in
      var last: [String: Int64] = [:]
      let rows = try db.rows(
        """
        SELECT name, CAST(coalesce(seq, 0) AS INTEGER) FROM sqlite_sequence
        WHERE typeof(name) = 'text'
        """
      ) { ($0[0] as String, $0.integer(1)) }
      for (table, id) in rows { last[table] = id }
      return RebuiltIDs(
        history: HistoryID(rawValue: last["history"] ?? 0), tag: TagID(rawValue: last["tag"] ?? 0),
        checkpoint: CheckpointID(rawValue: last["pending"] ?? 0),
        content: Incarnation(rawValue: last["blob"] ?? 0))
    }
  }

  package func hasPassed(
    _ number: CheckpointNumber, in history: HistoryID
  ) throws(CatalogError) -> Bool? {
    try read { db in
      try db.row("SELECT next_number FROM history WHERE id = ?", [history.rawValue]) {
        number.rawValue < $0.integer(0)
      }
    }
  }

  package func unknown(
    among numbers: [CheckpointNumber], of history: HistoryID
  ) throws(CatalogError) -> [CheckpointNumber] {
    try read { db in
      let visible = Set(
        try db.rows(
          "SELECT number FROM checkpoint WHERE history = ? AND state = 0", [history.rawValue]
        ) {
          $0.integer(0)
        })
      return try numbers.filter { number in
        // Dropped ones may be very many, and few of these are.
        try !visible.contains(number.rawValue)
          && db.row(
            "SELECT 1 FROM checkpoint WHERE history = ? AND number = ?",
            [history.rawValue, number.rawValue]
          ) { _ in true } == nil
      }
    }
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

  package func abort(_ pending: PendingRecord) throws(CatalogError) {
    try write(.abortTransaction) { db in
      try Self.forget(db, pending: pending.id.rawValue)
      try Self.forgetEmptyHistories(db)
    }
  }

  /// A history exists for the user from its first completed checkpoint on. One whose numbers were given to
  /// several processes is remembered, so that it never gives them again.
  static func forgetEmptyHistories(_ db: Database) throws {
    try db.run(
      """
      DELETE FROM history WHERE next_number = 1
        AND NOT EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.history = history.id)
        AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.history = history.id)
      """)
  }
}
