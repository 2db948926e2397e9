// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles

/// Makes one shard part of a pending checkpoint.
struct ShardCompletion {
  let store: Store
  let flight: PendingCheckpoint.Flight
  let shard: ShardName
  let directory: EntryPath
  let ingested: IngestedEntries
  let owner: Ownership

  func run() throws -> ShardResult {
    let entries = IngestedEntries(
      pages: Self.cut(ingested.pages, at: directory), base: ingested.base,
      newFiles: ingested.newFiles, newBytes: ingested.newBytes)
    let completion = Completion(
      store: store, flight: flight, ingested: entries, owner: owner, tag: nil)
    let summary = ShardSummary(
      owner: owner, files: Int64(entries.pages.reduce(0) { $0 + $1.files }),
      fullBytes: entries.pages.lazy.map(\.bytes).sum(), newBytes: entries.newBytes)
    let draft = ShardDraft(
      pending: flight.record, shard: shard, pages: entries.pages,
      placedPages: try completion.place(entries.pages), summary: summary)
    let moment = try store.bootTime()
    let outcome = try store.catalog.commitShard(
      draft, now: Timestamp(nanoseconds: WallClock.now()), at: moment)
    let state: ShardState
    switch outcome {
    case .pending(let gathering):
      try flight.land()
      state = .pending(PendingShards(gathering, at: moment))
    case .completed(let record):
      try completion.acknowledge()
      state = .completed(record)
    }
    return ShardResult(
      number: flight.record.number, files: summary.files, newFiles: entries.newFiles,
      fullBytes: summary.fullBytes, newBytes: summary.newBytes, state: state)
  }

  /// Gives the entry of the shard's directory a page of its own.
  ///
  /// The pages of a checkpoint follow each other in the order of paths, and another shard may lie between a
  /// directory and what is in it: `a`, `a-b`, `a-b/CURRENT`, `a/CURRENT`.
  private static func cut(_ pages: [PageDraft], at directory: EntryPath) -> [PageDraft] {
    pages.flatMap { draft -> [PageDraft] in
      guard case .made(let page, _) = draft, page.first == directory, page.entries.count > 1 else {
        return [draft]
      }
      return [
        .made(Page(entries: [page.entries[0]]), sources: nil),
        .made(Page(entries: Array(page.entries.dropFirst())), sources: nil),
      ]
    }
  }
}
