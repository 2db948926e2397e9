// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// What a policy keeps of a history.
public struct RetentionPlan: Sendable {
  /// Of each checkpoint, by number.
  public let decisions: [RetentionDecision]
  /// Those that no rule keeps.
  public let dropped: [CheckpointRecord]
}

extension Store {
  /// Tells what a policy keeps of a history as it is now; `drop` of what it does not keep is up to the caller.
  ///
  /// A checkpoint that completes meanwhile is in no plan, hence not dropped; one that is tagged meanwhile is refused
  /// by `drop`.
  public func retention(
    of history: HistoryRecord, by policy: RetentionPolicy
  ) throws(StoreError) -> RetentionPlan {
    // Tags first: one that comes off in between keeps its checkpoint this once.
    let tags = Dictionary(grouping: try tags(of: history), by: \.checkpoint)
    let records = try checkpoints(of: history)
    let decisions = policy.decisions(
      for: records.map { record in
        RetentionCandidate(
          number: record.number, completed: record.completed,
          tags: (tags[record.id] ?? []).map(\.name))
      })
    let dropped = zip(records, decisions).filter { !$0.1.isKept }.map(\.0)
    return RetentionPlan(decisions: decisions, dropped: dropped)
  }
}
