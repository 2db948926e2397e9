// SPDX-License-Identifier: Apache-2.0

import Catalog
public import Checkpoints

extension Store {
  /// All histories, in the order in which they began.
  public func histories() throws(StoreError) -> [HistoryRecord] {
    try all { last in try catalog.histories(after: last?.id, limit: 1000) }
  }

  /// The completed checkpoints of a history, by number.
  public func checkpoints(of history: HistoryRecord) throws(StoreError) -> [CheckpointRecord] {
    try all { last in
      try catalog.checkpoints(of: history.id, after: last?.number, limit: 1000)
    }
  }

  /// The tags of a history, in the order in which they were given.
  public func tags(of history: HistoryRecord) throws(StoreError) -> [TagRecord] {
    try all { last in try catalog.tags(of: history.id, after: last?.id, limit: 1000) }
  }

  private func all<Record>(
    _ next: (Record?) throws -> [Record]
  ) throws(StoreError) -> [Record] {
    try translating {
      var records: [Record] = []
      while true {
        let portion = try next(records.last)
        if portion.isEmpty { return records }
        records += portion
      }
    }
  }

  /// Calls `body` with every entry of a checkpoint, sorted by path.
  public func forEachEntry(
    of checkpoint: CheckpointRecord, _ body: (EntryRecord) throws -> Void
  ) throws(StoreError) {
    try translating {
      for record in try entries(of: checkpoint).sorted(by: { $0.entry.path < $1.entry.path }) {
        try body(record)
      }
    }
  }

  /// In the order of ordinals.
  private func entries(of checkpoint: CheckpointRecord) throws -> [EntryRecord] {
    try catalog.pages(of: checkpoint.id).flatMap(\.entries).enumerated().map { ordinal, entry in
      let references = try entry.content.map { try catalog.references(to: $0.digest) }
      return EntryRecord(
        ordinal: ordinal, entry: entry, owner: checkpoint.owner, references: references ?? 1)
    }
  }

  /// The bytes of contents that no other checkpoint refers to: what dropping this one would free.
  public func uniqueBytes(of checkpoint: CheckpointRecord) throws(StoreError) -> Int64 {
    try translating { try catalog.uniqueBytes(of: checkpoint.id) }
  }

  /// The same for all checkpoints at once; 0 where absent.
  public func uniqueBytes() throws(StoreError) -> [CheckpointID: Int64] {
    try translating { try catalog.uniqueBytes() }
  }

  public func statistics() throws(StoreError) -> StoreStatistics {
    try translating { try catalog.statistics(with: blobs) }
  }

  /// What changed from one checkpoint to another, of the same history or not.
  public func difference(
    from old: CheckpointRecord, to new: CheckpointRecord
  ) throws(StoreError) -> CheckpointDifference {
    try translating {
      let (before, after) = (try catalog.pages(of: old.id), try catalog.pages(of: new.id))
      // Dropped meanwhile, their pages may have been collected before they were read.
      guard try catalog.checkpoint(old.id) != nil, try catalog.checkpoint(new.id) != nil else {
        throw StoreError(.noSuchCheckpoint, "one of the checkpoints was dropped meanwhile")
      }
      return CheckpointDifference(
        from: before.flatMap(\.entries), to: after.flatMap(\.entries))
    }
  }
}
