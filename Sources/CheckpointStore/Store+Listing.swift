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
      let (own, shared) = try entries(of: checkpoint)
      var (left, right) = (own[...], shared[...])
      while let entry = left.first ?? right.first {
        if let other = right.first, other.entry.path < entry.entry.path {
          try body(other)
          right.removeFirst()
        } else if left.isEmpty {
          try body(entry)
          right.removeFirst()
        } else {
          try body(entry)
          left.removeFirst()
        }
      }
    }
  }

  /// The entries of the two sorted runs.
  private func entries(
    of checkpoint: CheckpointRecord
  ) throws -> (own: [EntryRecord], shared: [EntryRecord]) {
    var runs: (own: [EntryRecord], shared: [EntryRecord]) = ([], [])
    var ordinal = 0
    for page in try catalog.pages(of: checkpoint.id) {
      for entry in page.entries {
        var references: Int64 = 1
        if let content = entry.content {
          references = try catalog.references(to: content.digest)
        }
        let record = EntryRecord(
          ordinal: ordinal, entry: entry, owner: checkpoint.owner, references: references)
        if entry.isShared { runs.shared.append(record) } else { runs.own.append(record) }
        ordinal += 1
      }
    }
    return runs
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
    try translating { try catalog.statistics() }
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
