// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints
import DurabilitySteps
import GRDB

extension SQLiteCatalog {
  package func gather(
    _ request: GatheringRequest, now: Timestamp, at moment: BootTime,
    isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) -> GatheringBeginning {
    try write(.beginTransaction) { db in
      try Self.expire(db, at: moment)
      let history = try Self.historyForBeginning(db, request.history, now)
      if let number = request.number {
        if let done = try Self.completed(db, number, of: history, request.history) {
          return .completed(done)
        }
        if let known = try Self.gathering(db, number, of: request.history) {
          guard Set(known.shards.map(\.name)) == request.shards else {
            throw CatalogError(
              .busy,
              "\(request.history)/\(number.directoryName) is pending with other shards: "
                + "\(Self.list(known.shards.map(\.name))); 'ckptfs abort' gives it up")
          }
          return .existing(known)
        }
      }
      let pending = try Self.insertPending(
        db, request.number, of: history, request.history, request.owner, isAlive)
      try Self.insert(db, request, as: pending, at: moment)
      guard let begun = try Self.gathering(db, pending.id) else {
        preconditionFailure("what a transaction inserted is there")
      }
      return .begun(begun)
    }
  }

  private static func insert(
    _ db: Database, _ request: GatheringRequest, as pending: PendingRecord, at moment: BootTime
  ) throws {
    let deadline = Deadline(request.period, from: moment)
    try db.run(
      "INSERT INTO gathering (pending, boot, deadline, period) VALUES (?, ?, ?, ?)",
      [
        pending.id.rawValue, deadline.moment.boot, deadline.moment.nanoseconds, deadline.period,
      ])
    for shard in request.shards {
      try db.run(
        "INSERT INTO shard (pending, name) VALUES (?, ?)", [pending.id.rawValue, shard.rawValue])
    }
    // A shard that comes after this was given up must not be taken for one of the next.
    try db.run(
      "UPDATE history SET next_number = max(next_number, ?2 + 1) WHERE id = ?1",
      [pending.history.rawValue, pending.number.rawValue])
  }

  // MARK: Giving up

  package func abort(
    _ number: CheckpointNumber, of name: HistoryName, isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) {
    try write(.abortTransaction) { db in
      let pending = try db.row(
        """
        SELECT pending.id, owner, EXISTS (SELECT 1 FROM gathering WHERE pending = pending.id)
        FROM pending JOIN history ON history.id = history WHERE history.name = ? AND number = ?
        """, [name.rawValue, number.rawValue]
      ) { (id: $0.integer(0), owner: $0[1] as String, isGathering: $0.integer(2) != 0) }
      guard let pending else { throw try Self.notPending(db, number, of: name) }
      if !pending.isGathering, let owner = OwnerToken(pending.owner), try isAlive(owner) {
        throw CatalogError(
          .busy,
          "\(name)/\(number.directoryName) is being taken by one process; end that process to give it up"
        )
      }
      try Self.giveUp(db, pending: pending.id)
      try Self.forgetEmptyHistories(db)
    }
  }

  private static func notPending(
    _ db: Database, _ number: CheckpointNumber, of name: HistoryName
  ) throws -> CatalogError {
    let isCompleted = try db.row(
      """
      SELECT 1 FROM checkpoint JOIN history ON history.id = history
      WHERE history.name = ? AND number = ? AND state = 0
      """, [name.rawValue, number.rawValue]
    ) { _ in true }
    if isCompleted == true {
      return CatalogError(
        .refused,
        "\(name)/\(number.directoryName) is completed, not pending; 'ckptfs drop' takes it away")
    }
    return CatalogError(
      .noSuchCheckpoint,
      "there is no pending checkpoint \(name)/\(number.directoryName); 'ckptfs stats' lists them")
  }

  package func expire(at moment: BootTime) throws(CatalogError) {
    try write(.abortTransaction) { db in try Self.expire(db, at: moment) }
  }

  static func expire(_ db: Database, at moment: BootTime) throws {
    for gathering in try gatherings(db) where gathering.deadline.remaining(at: moment) <= .zero {
      try giveUp(db, pending: gathering.pending.id.rawValue)
    }
  }

  package func expired(at moment: BootTime) throws(CatalogError) -> [OwnerToken] {
    try gatherings().filter { $0.deadline.remaining(at: moment) <= .zero }.map(\.pending.owner)
  }

  /// Forgets a pending checkpoint, and releases what its shards hold.
  static func giveUp(_ db: Database, pending id: Int64) throws {
    let pages = try db.rows("SELECT page FROM shard_page WHERE pending = ?", [id]) {
      $0.integer(0)
    }
    for page in pages { try release(db, page: page) }
    try forgetShards(db, of: id)
    try forget(db, pending: id)
  }

  static func forgetShards(_ db: Database, of id: Int64) throws {
    try db.run("DELETE FROM shard_page WHERE pending = ?", [id])
    try db.run("DELETE FROM shard WHERE pending = ?", [id])
    try db.run("DELETE FROM gathering WHERE pending = ?", [id])
  }
}
