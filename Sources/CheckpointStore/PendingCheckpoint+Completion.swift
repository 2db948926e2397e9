// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles

/// What completing a checkpoint came to.
public struct CommitResult: Sendable {
  public let checkpoint: CheckpointRecord
  /// Files whose contents were not in the store before; the others were kept.
  public let newFiles: Int64
}

extension PendingCheckpoint {
  /// Makes the checkpoint visible, whole. Durable on return.
  ///
  /// - Throws: code `expired` when it was given up meanwhile, `exists` when the tag is on another checkpoint.
  public consuming func complete(
    _ ingested: IngestedEntries, owner: Ownership, tag: TagName? = nil
  ) throws(StoreError) -> CommitResult {
    let completion = Completion(
      store: store, flight: flight, ingested: ingested, owner: owner, tag: tag)
    return try translating { try completion.run() }
  }

  /// Gives the checkpoint up. So does letting it go; this tells what fails.
  public consuming func abort() throws(StoreError) {
    let (store, flight) = (store, flight)
    try translating {
      try store.catalog.abort(flight.record)
      try flight.land()
    }
  }
}

/// Makes one pending checkpoint a completed one.
private struct Completion {
  let store: Store
  let flight: PendingCheckpoint.Flight
  let ingested: IngestedEntries
  let owner: Ownership
  let tag: TagName?

  func run() throws -> CommitResult {
    let pages = Pagination.pages(of: ingested.entries)
    let placed = try place(pages)
    while true {
      let draft = CompletionDraft(
        pending: flight.record, checkpoint: try record(), pages: pages, placedPages: placed,
        tag: tag)
      if try complete(draft) {
        try flight.land()
        try store.outbox.replay()
        return CommitResult(checkpoint: draft.checkpoint, newFiles: ingested.newFiles)
      }
    }
  }

  /// - Returns: `false` when another checkpoint of the history completed later than this one would.
  private func complete(_ draft: CompletionDraft) throws -> Bool {
    do throws(CatalogError) {
      try store.catalog.complete(draft)
      return true
    } catch {
      if error.code == .overtaken { return false }
      throw error
    }
  }

  /// Stores and pins the text of the pages that the base does not keep from collection.
  ///
  /// Pages that only others have are pinned, too: they may be dropped and collected at any time.
  private func place(_ pages: [Page]) throws -> [Digest: BlobName] {
    let kept = try flight.record.base.map { Set(try store.catalog.pageDigests(of: $0.id)) } ?? []
    let new = pages.filter { !kept.contains($0.digest) }
    guard !new.isEmpty else { return [:] }
    let staged = try new.map { try store.blobs.stage($0.encoded, in: flight.area) }
    let reservations = try store.catalog.reserve(
      staged.map { NewBlob(content: $0.content, owner: $0.owner) }, kind: .page,
      for: flight.record)
    var names: [Digest: BlobName] = [:]
    var toPlace: [(staged: StagedBlob, name: BlobName)] = []
    for (blob, reservation) in zip(staged, reservations) {
      switch reservation {
      case .kept(let record): names[blob.content.digest] = record.name
      case .new(let name):
        names[blob.content.digest] = name
        toPlace.append((blob, name))
      }
    }
    try store.blobs.place(toPlace)
    return names
  }

  private func record() throws -> CheckpointRecord {
    let last = try store.catalog.lastCompletion(in: flight.record.history)
    let contents = ingested.entries.compactMap(\.content)
    return CheckpointRecord(
      id: flight.record.id, history: flight.record.history, number: flight.record.number,
      // Later than any other of the history, whatever the clock says.
      completed: Timestamp(nanoseconds: max(WallClock.now(), (last?.nanoseconds ?? 0) + 1)),
      owner: owner, files: Int64(contents.count),
      fullBytes: contents.reduce(0) { $0 + Int64(clamping: $1.size) },
      newBytes: ingested.newBytes)
  }
}
