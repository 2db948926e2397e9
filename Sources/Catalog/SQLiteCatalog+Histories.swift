// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints
import DurabilitySteps
import GRDB

extension SQLiteCatalog {
  package func lease(
    _ checkpoint: CheckpointID, owner: OwnerToken
  ) throws(CatalogError) {
    try write(.leaseTransaction) { db in
      let isThere = try db.row(
        "SELECT 1 FROM checkpoint WHERE id = ? AND state = 0", [checkpoint.rawValue]
      ) { _ in true }
      guard isThere == true else {
        throw CatalogError(.noSuchCheckpoint, "the checkpoint was dropped meanwhile")
      }
      try db.run(
        "INSERT INTO lease (owner, checkpoint) VALUES (?, ?)",
        [owner.description, checkpoint.rawValue])
    }
  }

  package func release(_ owner: OwnerToken) throws(CatalogError) {
    try write(.leaseTransaction) { db in
      try db.run("DELETE FROM lease WHERE owner = ?", [owner.description])
    }
  }

  package func drop(
    _ checkpoints: [CheckpointRecord], force: Bool, now: Timestamp
  ) throws(CatalogError) {
    try write(.dropTransaction) { db in
      for checkpoint in checkpoints {
        let reference = try Self.reference(db, checkpoint)
        try Self.checkDroppable(db, checkpoint, reference, force: force)
        try Self.drop(db, checkpoint, now: now)
      }
    }
  }

  package func withdraw(
    _ checkpoint: CheckpointRecord, now: Timestamp
  ) throws(CatalogError) {
    try write(.dropTransaction) { db in
      let reference = try Self.reference(db, checkpoint)
      try Self.checkIsThere(db, checkpoint, reference)
      var tags = try Self.tagNames(db, of: checkpoint)
      guard tags.remove(TagName.unconfirmed(checkpoint.number).rawValue) != nil else {
        throw CatalogError(
          .refused,
          "\(reference) was confirmed, so it is not withdrawn any more; drop it when a newer one is there"
        )
      }
      try Self.checkUntagged(tags, reference)
      try Self.drop(db, checkpoint, now: now)
      guard try Self.lastCompleted(db, in: checkpoint.history) == nil else { return }
      try Steps.perform(.recordOutbox) {
        try Self.post(db, .removeHistory(checkpoint.history.rawValue))
      }
    }
  }

  package func checkDroppable(
    _ checkpoints: [CheckpointRecord], force: Bool
  ) throws(CatalogError) {
    try read { db in
      for checkpoint in checkpoints {
        try Self.checkDroppable(
          db, checkpoint, try Self.reference(db, checkpoint), force: force)
      }
    }
  }

  private static func reference(
    _ db: Database, _ checkpoint: CheckpointRecord
  ) throws -> CheckpointReference {
    let name: HistoryName? = try db.row(
      "SELECT name FROM history WHERE id = ?", [checkpoint.history.rawValue]
    ) { try $0.name(0) }
    guard let name else { throw CatalogError(.noSuchHistory, "the history is gone") }
    return CheckpointReference(history: name, number: checkpoint.number)
  }

  private static func checkDroppable(
    _ db: Database, _ checkpoint: CheckpointRecord, _ reference: CheckpointReference, force: Bool
  ) throws {
    try checkIsThere(db, checkpoint, reference)
    if try latest(db, of: checkpoint.history)?.id == checkpoint.id {
      throw CatalogError(
        .refused,
        "\(reference) is the latest of its history and cannot be dropped; commit a newer one "
          + "first")
    }
    if !force { try checkUntagged(tagNames(db, of: checkpoint), reference) }
  }

  private static func checkIsThere(
    _ db: Database, _ checkpoint: CheckpointRecord, _ reference: CheckpointReference
  ) throws {
    let isThere = try db.row(
      "SELECT 1 FROM checkpoint WHERE id = ? AND state = 0", [checkpoint.id.rawValue]
    ) { _ in true }
    guard isThere == true else {
      throw CatalogError(.noSuchCheckpoint, "there is no checkpoint \(reference)")
    }
  }

  private static func tagNames(
    _ db: Database, of checkpoint: CheckpointRecord
  ) throws -> Set<String> {
    Set(
      try db.rows("SELECT name FROM tag WHERE checkpoint = ?", [checkpoint.id.rawValue]) {
        $0[0] as String
      })
  }

  private static func checkUntagged(
    _ tags: Set<String>, _ reference: CheckpointReference
  ) throws {
    guard !tags.isEmpty else { return }
    throw CatalogError(
      .refused,
      "\(reference) has the tag \(tags.sorted().map { "'\($0)'" }.joined(separator: ", ")); untag it, "
        + "or use --force to drop it with its tags")
  }

  static func latest(_ db: Database, of history: HistoryID) throws -> CheckpointRecord? {
    try db.row(
      """
      SELECT \(CheckpointRecord.columns) FROM checkpoint
      WHERE history = ? AND state = 0 ORDER BY number DESC LIMIT 1
      """, [history.rawValue], CheckpointRecord.init)
  }

  private static func drop(_ db: Database, _ checkpoint: CheckpointRecord, now: Timestamp) throws {
    let tags = try db.rows(
      TagRecord.select + " WHERE tag.checkpoint = ?", [checkpoint.id.rawValue], TagRecord.init)
    for tag in tags { try remove(db, tag) }
    if !Steps.isLeftOut(.hideDropped) {
      try db.run("UPDATE checkpoint SET state = 1 WHERE id = ?", [checkpoint.id.rawValue])
    }
    if !Steps.isLeftOut(.uncountPage) {
      try db.run(
        """
        UPDATE page SET refs = refs - 1
        WHERE id IN (SELECT page FROM checkpoint_page WHERE checkpoint = ?)
        """, [checkpoint.id.rawValue])
    }
    try touch(db, checkpoint.history, now: now)
    try Steps.perform(.recordOutbox) {
      try post(
        db,
        .removeManifest(
          history: checkpoint.history.rawValue, number: checkpoint.number.rawValue,
          checkpoint: checkpoint.id.rawValue), dropped: checkpoint.id)
    }
  }

  /// Notes that what a listing of the history shows has changed; its time never goes back.
  static func touch(_ db: Database, _ history: HistoryID, now: Timestamp) throws {
    if Steps.isLeftOut(.touchHistory) { return }
    try db.run(
      "UPDATE history SET changed = max(changed + 1, ?2) WHERE id = ?1",
      [history.rawValue, now.nanoseconds])
  }

  package func tag(
    _ checkpoint: CheckpointRecord, as name: TagName, now: Timestamp
  ) throws(CatalogError) -> TagRecord {
    try write(.tagTransaction) { db in
      let reference = try Self.reference(db, checkpoint)
      try Self.checkIsThere(db, checkpoint, reference)
      try Self.touch(db, checkpoint.history, now: now)
      return try Self.insertTag(db, name, checkpoint, reference.history, now: now)
    }
  }

  /// Tagging a checkpoint again with the same name is what was asked for.
  static func insertTag(
    _ db: Database, _ name: TagName, _ checkpoint: CheckpointRecord, _ history: HistoryName,
    now: Timestamp
  ) throws -> TagRecord {
    if let known = try tag(db, named: name, of: checkpoint.history) {
      if known.checkpoint == checkpoint.id { return known }
      throw CatalogError(
        .exists,
        "the tag \(history)/tags/\(name) is on \(known.number.directoryName) already; "
          + "'ckptfs untag \(history)/tags/\(name)' takes it off")
    }
    try db.run(
      "INSERT INTO tag (history, name, checkpoint, created) VALUES (?, ?, ?, ?)",
      [
        checkpoint.history.rawValue, name.rawValue, checkpoint.id.rawValue, now.nanoseconds,
      ])
    let id = db.lastInsertedRowID
    try Steps.perform(.recordOutbox) { try post(db, .writeTag(id)) }
    return TagRecord(
      id: TagID(rawValue: id), name: name, history: checkpoint.history,
      checkpoint: checkpoint.id, number: checkpoint.number, created: now)
  }

  private static func remove(_ db: Database, _ tag: TagRecord) throws {
    try db.run("DELETE FROM tag WHERE id = ?", [tag.id.rawValue])
    try Steps.perform(.recordOutbox) {
      try post(
        db, .removeTag(history: tag.history.rawValue, name: tag.name.rawValue))
    }
  }

  package func untag(
    _ name: TagName, of history: HistoryRecord, now: Timestamp
  ) throws(CatalogError) {
    try write(.tagTransaction) { db in
      guard let tag = try Self.tag(db, named: name, of: history.id) else {
        throw CatalogError(.noSuchTag, "there is no tag \(history.name)/tags/\(name)")
      }
      try Self.remove(db, tag)
      try Self.touch(db, history.id, now: now)
    }
  }

  package func rename(
    _ history: HistoryRecord, to name: HistoryName
  ) throws(CatalogError) {
    try write(.renameTransaction) { db in
      // One that only remembers its numbers is nobody's.
      try db.run(
        """
        DELETE FROM history WHERE name = ? AND id <> ?
          AND NOT EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.history = history.id)
          AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.history = history.id)
        """, [name.rawValue, history.id.rawValue])
      let taken = try db.row("SELECT id FROM history WHERE name = ?", [name.rawValue]) {
        $0.integer(0)
      }
      if let taken {
        if taken == history.id.rawValue { return }
        throw CatalogError(.exists, "there is a history '\(name)' already; choose another name")
      }
      try db.run(
        "UPDATE history SET name = ? WHERE id = ?", [name.rawValue, history.id.rawValue])
      try Steps.perform(.recordOutbox) {
        try Self.post(db, .writeHistory(history.id.rawValue))
      }
    }
  }
}
