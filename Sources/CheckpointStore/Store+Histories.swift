// SPDX-License-Identifier: Apache-2.0

import Catalog
public import Checkpoints
import LinuxFiles

extension Store {
  /// Makes checkpoints invisible and releases what they refer to; `gc` then reclaims it. All or none.
  ///
  /// Durable on return.
  /// - Parameter force: drop tagged ones too, with their tags.
  /// - Throws: code `refused` for the latest of a history, and for a tagged one without `force`.
  public func drop(_ checkpoints: [CheckpointRecord], force: Bool) throws(StoreError) {
    try translating {
      try refuseOlderCatalog()
      try catalog.drop(
        checkpoints, force: force, now: Timestamp(nanoseconds: WallClock.now()))
      try outbox.replay()
    }
  }

  /// Drops a checkpoint that nobody has confirmed, though it be the latest of its history. Durable on return.
  ///
  /// - Throws: code `refused` when it was confirmed, or has a tag beside `unconfirmed-N`.
  package func withdraw(_ checkpoint: CheckpointRecord) throws(StoreError) {
    try translating {
      try refuseOlderCatalog()
      try catalog.withdraw(checkpoint, now: Timestamp(nanoseconds: WallClock.now()))
      try outbox.replay()
    }
  }

  /// The number that the next checkpoint of `history` would be given now.
  package func nextNumber(of history: HistoryName) throws(StoreError) -> CheckpointNumber {
    try translating { try catalog.nextNumber(of: history) }
  }

  /// Gives a checkpoint a name that keeps it from being dropped. Durable on return.
  ///
  /// - Throws: code `exists` when the tag is on another checkpoint of the history.
  @discardableResult
  public func tag(
    _ checkpoint: CheckpointRecord, as name: TagName
  ) throws(StoreError) -> TagRecord {
    try translating {
      try refuseOlderCatalog()
      try refuseLeftOut(name, of: checkpoint.history)
      let tag = try catalog.tag(
        checkpoint, as: name, now: Timestamp(nanoseconds: WallClock.now()))
      try outbox.replay()
      return tag
    }
  }

  /// Takes a tag off. Durable on return.
  public func untag(_ name: TagName, of history: HistoryRecord) throws(StoreError) {
    try translating {
      try refuseOlderCatalog()
      try catalog.untag(
        name, of: history, now: Timestamp(nanoseconds: WallClock.now()))
      try outbox.replay()
    }
  }

  /// Gives a history another name. Durable on return.
  ///
  /// - Throws: code `exists` when another history has it.
  public func rename(_ history: HistoryRecord, to name: HistoryName) throws(StoreError) {
    try translating {
      try refuseOlderCatalog()
      try catalog.rename(history, to: name)
      try outbox.replay()
    }
  }
}
