// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints

/// A pending checkpoint whose shards several processes commit, each when it can.
///
/// No process need live as long as it does, so its deadline alone tells whether it is alive.
package struct Gathering: Hashable, Sendable {
  package struct Shard: Hashable, Sendable {
    package let name: ShardName
    /// What it came to, once it was committed.
    package let summary: ShardSummary?
  }

  package let pending: PendingRecord
  package let deadline: Deadline
  /// By name.
  package let shards: [Shard]

  package var missing: [ShardName] { shards.filter { $0.summary == nil }.map(\.name) }
}

/// What committing a shard came to.
package struct ShardSummary: Hashable, Sendable {
  package let owner: Ownership
  package let files: Int64
  package let fullBytes: Int64
  package let newBytes: Int64

  package init(owner: Ownership, files: Int64, fullBytes: Int64, newBytes: Int64) {
    self.owner = owner
    self.files = files
    self.fullBytes = fullBytes
    self.newBytes = newBytes
  }
}

/// What is to be gathered.
package struct GatheringRequest: Sendable {
  package let history: HistoryName
  /// The next of the history for `nil`.
  package let number: CheckpointNumber?
  package let shards: Set<ShardName>
  package let owner: OwnerToken
  package let period: Duration

  package init(
    history: HistoryName, number: CheckpointNumber?, shards: Set<ShardName>, owner: OwnerToken,
    period: Duration
  ) {
    self.history = history
    self.number = number
    self.shards = shards
    self.owner = owner
    self.period = period
  }
}

/// What beginning to gather finds.
package enum GatheringBeginning: Sendable {
  case begun(Gathering)
  /// The same was begun before, and is pending.
  case existing(Gathering)
  /// The number asked for was completed earlier.
  case completed(CheckpointRecord)
}

/// What makes a shard of a gathering a committed one.
package struct ShardDraft: Sendable {
  package let pending: PendingRecord
  package let shard: ShardName
  /// All of the shard's pages; no other shard's entries lie between theirs.
  package let pages: [PageDraft]
  /// As in ``CompletionDraft``.
  package let placedPages: [Digest: BlobName]
  package let summary: ShardSummary

  package init(
    pending: PendingRecord, shard: ShardName, pages: [PageDraft],
    placedPages: [Digest: BlobName], summary: ShardSummary
  ) {
    self.pending = pending
    self.shard = shard
    self.pages = pages
    self.placedPages = placedPages
    self.summary = summary
  }
}

/// What committing a shard leads to.
package enum ShardOutcome: Sendable {
  /// Others are missing.
  case pending(Gathering)
  /// It was the last one.
  case completed(CheckpointRecord)
}
