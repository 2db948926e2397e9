// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles

/// What completing a checkpoint came to.
public struct CommitResult: Sendable {
  public let checkpoint: CheckpointRecord
  /// The name that the history has by now: it may have been renamed meanwhile.
  public let history: HistoryName
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
struct Completion {
  let store: Store
  let flight: PendingCheckpoint.Flight
  let ingested: IngestedEntries
  let owner: Ownership
  let tag: TagName?

  func run() throws -> CommitResult {
    try checkNumberOfOwnFiles()
    if let tag { try store.refuseLeftOut(tag, of: flight.record.history) }
    let placed = try place(ingested.pages)
    while true {
      let draft = CompletionDraft(
        pending: flight.record, checkpoint: try record(), pages: ingested.pages,
        placedPages: placed, tag: tag)
      if try complete(draft) {
        try acknowledge()
        let history = try store.catalog.history(draft.checkpoint.history)?.name
        return CommitResult(
          checkpoint: draft.checkpoint, history: history ?? flight.record.historyName,
          newFiles: ingested.newFiles)
      }
    }
  }

  /// What follows the transaction; failing, it cannot take the checkpoint back.
  func acknowledge() throws {
    do {
      try flight.land()
      try store.outbox.replay()
    } catch {
      let error = StoreError(error)
      throw StoreError(
        error.code,
        "\(flight.record.historyName)/\(flight.record.number.directoryName) completed, but its manifest was "
          + "not written: \(error.message); the next command that uses the store writes it",
        cause: error)
    }
  }

  /// Inode numbers have 24 bits for the files that are not shared.
  private func checkNumberOfOwnFiles() throws {
    let own = ingested.pages.filter { $0.stream == .own }
    guard own.reduce(0, { $0 + $1.entries }) < 1 << 24 else {
      throw StoreError(
        .invalid,
        "\(flight.record.historyName)/\(flight.record.number.directoryName) would have more than 16,777,215 "
          + "files and directories beside its tables")
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
  func place(_ pages: [PageDraft]) throws -> [Digest: BlobName] {
    let base = ingested.base.texts
    var new: [Page] = []
    for page in pages {
      switch page {
      case .kept(let record): try heal(record.blob) { try store.catalog.page(record).encoded }
      case .made(let page, _):
        if let blob = base[page.digest] {
          try heal(blob) { page.encoded }
        } else {
          new.append(page)
        }
      }
    }
    guard !new.isEmpty else { return [:] }
    let staged = try new.map { try store.blobs.stage($0.encoded, in: flight.area) }
    let reservations = try store.catalog.reserve(
      staged.map(NewBlob.init), kind: .page,
      for: flight.record)
    var names: [Digest: BlobName] = [:]
    var toPlace: [(staged: StagedBlob, name: BlobName)] = []
    for (index, reservation) in reservations.enumerated() {
      switch reservation {
      case .kept(let record):
        try heal(record) { new[index].encoded }
        names[record.name.digest] = record.name
      case .new(let name):
        names[name.digest] = name
        toPlace.append((staged[index], name))
      }
    }
    try store.blobs.place(toPlace)
    return names
  }

  /// Puts a page's file right before it is relied on: a rebuild would miss it.
  private func heal(_ blob: BlobRecord, _ text: () throws -> [UInt8]) throws {
    switch try store.flaw(of: blob) {
    case nil, .modified: return  // its text was written by us, so its time says nothing
    default: try store.blobs.replace(blob.name, by: store.blobs.stage(text(), in: flight.area))
    }
  }

  private func record() throws -> CheckpointRecord {
    let last = try store.catalog.lastCompletion(in: flight.record.history)
    return CheckpointRecord(
      id: flight.record.id, history: flight.record.history, number: flight.record.number,
      // Later than any other of the history, whatever the clock says.
      completed: Timestamp(nanoseconds: max(WallClock.now(), (last?.nanoseconds ?? 0) + 1)),
      owner: owner, files: Int64(ingested.pages.reduce(0) { $0 + $1.files }),
      fullBytes: ingested.pages.lazy.map(\.bytes).sum(),
      newBytes: ingested.newBytes)
  }
}
