// SPDX-License-Identifier: Apache-2.0

import BlobStore
package import Catalog
import Checkpoints
import Testing

/// What every `Catalog` must do: each method is a test that an implementation's suite runs on an empty one.
package struct CatalogContract {
  package let catalog: any Catalog

  package init(_ catalog: any Catalog) {
    self.catalog = catalog
  }

  private func begin(_ history: String, _ number: Int64? = nil) throws -> PendingRecord {
    let beginning = try catalog.begin(
      number.flatMap(CheckpointNumber.init(rawValue:)), of: HistoryName(history),
      owner: OwnerToken(), now: Timestamp(nanoseconds: 1), isAlive: { _ in true })
    guard case .pending(let pending) = beginning else {
      throw CatalogError(.exists, "the number was completed before")
    }
    return pending
  }

  private func content(_ text: String) -> NewBlob {
    NewBlob(
      content: Content(
        digest: Digest(hashing: Array(text.utf8)), size: UInt64(text.utf8.count),
        modified: Timestamp(nanoseconds: 7)), owner: Ownership(user: 1, group: 2),
      access: FileAccess(owner: Ownership(user: 8, group: 9), permissions: 0o4640))
  }

  /// Reserves and settles, as if the files had been placed.
  @discardableResult
  private func store(_ texts: [String], for pending: PendingRecord) throws -> [BlobRecord] {
    var names: [BlobName] = []
    var records: [BlobRecord] = []
    for reservation in try catalog.reserve(texts.map(content), kind: .content, for: pending) {
      switch reservation {
      case .kept(let record): records.append(record)
      case .new(let name): names.append(name)
      }
    }
    return try records + catalog.settle(names, replacing: [], evidence: [], for: pending)
  }

  /// Completes with a table for each text, named `TEXT.sst`.
  @discardableResult
  private func complete(
    _ pending: PendingRecord, _ texts: [String], at time: Int64, tag: String? = nil
  ) throws -> CheckpointRecord {
    let entries = try texts.map {
      Entry(path: try EntryPath($0 + ".sst"), kind: .shared(content($0).content))
    }
    let pages = Pagination.pages(of: entries)
    var placed: [Digest: BlobName] = [:]
    for page in pages {
      let blob = NewBlob(
        content: Content(
          digest: page.digest, size: UInt64(page.encoded.count),
          modified: Timestamp(nanoseconds: 0)), owner: Ownership(user: 0, group: 0),
        access: FileAccess(owner: Ownership(user: 0, group: 0), permissions: 0o644))
      switch try catalog.reserve([blob], kind: .page, for: pending).first {
      case .new(let name)?: placed[page.digest] = name
      case .kept(let record)?: placed[page.digest] = record.name
      case nil: Issue.record("a reservation for each blob")
      }
    }
    let checkpoint = CheckpointRecord(
      id: pending.id, history: pending.history, number: pending.number,
      completed: Timestamp(nanoseconds: time), owner: Ownership(user: 3, group: 4),
      files: Int64(texts.count), fullBytes: Int64(texts.joined().utf8.count), newBytes: 0)
    try catalog.complete(
      CompletionDraft(
        pending: pending, checkpoint: checkpoint, pages: pages.map { .made($0, sources: nil) },
        placedPages: placed,
        tag: try tag.map { try TagName($0) }))
    return checkpoint
  }

  @discardableResult
  private func commit(
    _ history: String, _ texts: [String], at time: Int64, tag: String? = nil
  ) throws -> CheckpointRecord {
    let pending = try begin(history)
    try store(texts, for: pending)
    return try complete(pending, texts, at: time, tag: tag)
  }

  private func references(_ text: String) throws -> Int64 {
    try catalog.references(to: Digest(hashing: Array(text.utf8)))
  }

  private func finishOutbox() throws { try catalog.finish(try catalog.outbox()) }

  // MARK: The tests

  /// Counts are those of completed checkpoints, at every moment.
  package func counts() throws {
    let first = try commit("a", ["x", "y"], at: 1)
    let pending = try begin("a")
    try store(["x", "z"], for: pending)
    #expect(try references("x") == 1)
    try complete(pending, ["x", "z"], at: 2)
    #expect(try references("x") == 2)
    #expect(try references("z") == 1)
    try catalog.drop([first], force: false, now: Timestamp(nanoseconds: 3))
    #expect(try references("x") == 1)
    #expect(try references("y") == 0)
    #expect(try catalog.inconsistencies() == [])
  }

  /// A content that two take in at once is in the store once: who settles second adopts the first's.
  package func settlesOnce() throws {
    let (one, two) = (try begin("a"), try begin("a"))
    guard
      case .new(let first)? = try catalog.reserve([content("x")], kind: .content, for: one).first,
      case .new(let second)? = try catalog.reserve([content("x")], kind: .content, for: two).first
    else {
      Issue.record("what is not settled cannot be adopted")
      return
    }
    #expect(first != second)
    #expect(
      try catalog.settle([second], replacing: [], evidence: [], for: two).map(\.name) == [second])
    #expect(
      try catalog.settle([first], replacing: [], evidence: [], for: one).map(\.name) == [second])
    #expect(try catalog.removals(after: nil, limit: 9) == [first])
    try complete(one, ["x"], at: 1)
    try complete(two, ["x"], at: 2)
    #expect(try references("x") == 2)
  }

  /// Who was given up can do nothing more.
  package func fences() throws {
    let pending = try begin("a")
    try store(["x"], for: pending)
    _ = try catalog.collect(dead: [pending.owner], after: nil, limit: 100)
    let attempts: [() throws -> Void] = [
      { _ = try catalog.reserve([content("y")], kind: .content, for: pending) },
      { _ = try catalog.settle([], replacing: [], evidence: [], for: pending) },
      { _ = try catalog.pin([], for: pending) },
      { try complete(pending, [], at: 1) },
    ]
    for attempt in attempts {
      #expect { try attempt() } throws: { ($0 as? CatalogError)?.code == .expired }
    }
    #expect(try catalog.histories(after: nil, limit: 9).isEmpty)
    #expect(try catalog.outbox().isEmpty)
  }

  /// A completion that is not later than the last of its history is refused, and can be tried again.
  package func ordersCompletions() throws {
    try commit("a", ["x"], at: 5)
    let pending = try begin("a")
    #expect { try complete(pending, [], at: 5) } throws: {
      ($0 as? CatalogError)?.code == .overtaken
    }
    try complete(pending, [], at: 6)
  }

  /// No number follows the greatest; smaller ones can still be given.
  package func numbersEnd() throws {
    let greatest = CheckpointNumber.greatest
    try complete(try begin("a", greatest.rawValue - 1), [], at: 1)
    #expect(try complete(try begin("a"), [], at: 2).number == greatest)
    #expect { try begin("a") } throws: { ($0 as? CatalogError)?.code == .refused }
    #expect(try begin("a", 5).number.rawValue == 5)
    #expect(try begin("b").number.rawValue == 1)
  }

  /// Who needs a content, or a page, is told by name and number, without those that were dropped.
  package func tellsWhoNeeds() throws {
    let first = try commit("b", ["x", "y"], at: 1)
    try commit("b", ["x"], at: 2)
    try commit("a", ["x", "z"], at: 3)
    try commit("b", ["x"], at: 4)
    let names = try ["x", "y", "z"].map {
      try #require(try catalog.blob(Digest(hashing: Array($0.utf8)))).name
    }
    let page = try #require(try catalog.pageRecords(of: first.id).first).blob.name
    func needs(_ blobs: [BlobName]) throws -> [[String]] {
      try catalog.checkpoints(needing: blobs).map { $0.map(\.description) }
    }
    #expect(
      try needs(names + [page]) == [
        ["a/chk-1", "b/chk-1", "b/chk-2", "b/chk-3"], ["b/chk-1"], ["a/chk-1"], ["b/chk-1"],
      ])
    try catalog.drop([first], force: false, now: Timestamp(nanoseconds: 5))
    #expect(try needs([names[1], names[0], page]) == [[], ["a/chk-1", "b/chk-2", "b/chk-3"], []])
    #expect(try needs([]) == [])
  }

  /// Collection takes what nothing refers to, and neither pinned nor leased things.
  package func collects() throws {
    let first = try commit("a", ["x", "y"], at: 1)
    try commit("a", ["x"], at: 2)
    try catalog.drop([first], force: false, now: Timestamp(nanoseconds: 3))
    #expect(
      try catalog.collect(dead: [], after: nil, limit: 100).contents == 0,
      "a drop whose manifest may still be there keeps its blobs")
    try finishOutbox()
    let base = try begin("a")
    let owner = OwnerToken()
    #expect { try catalog.lease(first.id, owner: owner) } throws: {
      ($0 as? CatalogError)?.code == .noSuchCheckpoint
    }
    #expect(try catalog.collectable(dead: []).contents == 1)
    let pinned = try catalog.blob(Digest(hashing: Array("y".utf8)))
    #expect(try catalog.pin([try #require(pinned).name], for: base) == [true])
    #expect(try catalog.collect(dead: [], after: nil, limit: 100).contents == 0)
    let taken = try catalog.collect(dead: [base.owner], after: nil, limit: 100)
    #expect(taken.contents == 1)
    #expect(taken.bytes == 1)
    #expect(try catalog.removals(after: nil, limit: 9).contains(try #require(pinned).name))
    try catalog.finish(removals: catalog.removals(after: nil, limit: 9))
    #expect(try catalog.collect(dead: [], after: nil, limit: 100).blobs.isEmpty)
    #expect(try catalog.inconsistencies() == [])
  }

  /// What gets its file after collection took its name is given to collection again.
  package func collectsLatecomers() throws {
    let name = try catalog.reserveRepair(content("repaired"))
    _ = try catalog.collect(dead: [], after: nil, limit: .max)
    let removed = try catalog.removals(after: nil, limit: .max)
    #expect(removed.contains(name))
    try catalog.finish(removals: removed)
    #expect(try !catalog.isKnown(name))
    // Only now is its file there.
    guard case .collected = try catalog.settleRepair(name, replacing: name) else {
      Issue.record("a collected blob was settled")
      return
    }
    #expect(try catalog.removals(after: nil, limit: .max) == [name])
    #expect(try catalog.isKnown(name))
  }

  /// A lease keeps a checkpoint's contents after it was dropped.
  package func leases() throws {
    let first = try commit("a", ["x"], at: 1)
    try commit("a", ["y"], at: 2)
    let owner = OwnerToken()
    try catalog.lease(first.id, owner: owner)
    try catalog.drop([first], force: false, now: Timestamp(nanoseconds: 3))
    try finishOutbox()
    #expect(try catalog.collect(dead: [], after: nil, limit: 100).contents == 0)
    #expect(try catalog.pages(of: first.id).flatMap(\.entries).count == 1)
    #expect(try catalog.owners() == [owner])
    try catalog.release(owner)
    #expect(try catalog.collect(dead: [], after: nil, limit: 100).contents == 1)
  }

  /// Each change that a rebuild must know leaves an outbox item, in order.
  package func posts() throws {
    let first = try commit("a", ["x"], at: 1, tag: "t")
    try commit("a", ["y"], at: 2)
    let history = try #require(try catalog.history(named: HistoryName("a")))
    try catalog.rename(history, to: HistoryName("b"))
    try catalog.drop([first], force: true, now: Timestamp(nanoseconds: 3))
    let actions = try catalog.outbox().map(\.action)
    let tag = try #require(
      actions.compactMap { if case .writeTag(let id) = $0 { id } else { nil } }.first)
    #expect(
      actions == [
        .writeHistory(history.id.rawValue),
        .placeManifest(history: history.id.rawValue, number: 1, checkpoint: first.id.rawValue),
        .writeTag(tag),
        .placeManifest(
          history: history.id.rawValue, number: 2, checkpoint: first.id.rawValue + 1),
        .writeHistory(history.id.rawValue),
        .removeTag(history: history.id.rawValue, name: "t"),
        .removeManifest(history: history.id.rawValue, number: 1, checkpoint: first.id.rawValue),
      ])
  }

  /// What nobody has confirmed is no base, and can be withdrawn; what was confirmed, or kept by a tag, cannot.
  package func withdraws() throws {
    let first = try commit("a", ["x"], at: 1)
    let second = try commit("a", ["x", "y"], at: 2, tag: "unconfirmed-2")
    let third = try begin("a")
    #expect(third.base == first)
    #expect(try catalog.nextNumber(of: HistoryName("a")).rawValue == 4)
    func refusal(_ checkpoint: CheckpointRecord) -> CatalogError.Code? {
      #expect(throws: CatalogError.self) {
        try catalog.withdraw(checkpoint, now: Timestamp(nanoseconds: 3))
      }?.code
    }
    #expect(refusal(first) == .refused)
    let keep = try catalog.tag(second, as: TagName("keep"), now: Timestamp(nanoseconds: 3))
    #expect(refusal(second) == .refused)
    let history = try #require(try catalog.history(named: HistoryName("a")))
    try catalog.untag(keep.name, of: history, now: Timestamp(nanoseconds: 3))
    try catalog.withdraw(second, now: Timestamp(nanoseconds: 3))
    #expect(refusal(second) == .noSuchCheckpoint)
    #expect(try catalog.latestCheckpoint(of: history.id) == first)
    #expect(try catalog.references(to: content("x").content.digest) == 1)
    #expect(try catalog.references(to: content("y").content.digest) == 0)

    let only = try commit("b", ["x"], at: 1, tag: "unconfirmed-1")
    try catalog.withdraw(only, now: Timestamp(nanoseconds: 3))
    #expect(try catalog.history(only.history) == nil)
    #expect(try catalog.outbox().map(\.action).last == .removeHistory(only.history.rawValue))
    #expect(try catalog.nextNumber(of: HistoryName("b")).rawValue == 2)
    #expect(try catalog.nextNumber(of: HistoryName("c")).rawValue == 1)
    #expect(throws: CatalogError.self) { try begin("b", 1) }
  }

  /// Evidence finds a blob while everything is as it was, and tells a change of the same file.
  package func remembersEvidence() throws {
    let pending = try begin("a")
    let seen = Evidence(
      device: 1, inode: .max, born: Timestamp(nanoseconds: 3), size: 4,
      modified: Timestamp(nanoseconds: 5))
    guard
      case .new(let name)? = try catalog.reserve([content("x")], kind: .content, for: pending).first
    else { return }
    let record = try catalog.settle(
      [name], replacing: [],
      evidence: [SourceEvidence(evidence: seen, digest: name.digest, linked: name.incarnation)],
      for: pending)
    #expect(record[0].access == content("x").access)
    func like(born: Int64 = 3, size: UInt64 = 4, modified: Int64 = 5, device: UInt64 = 1)
      -> Evidence
    {
      Evidence(
        device: device, inode: .max, born: Timestamp(nanoseconds: born), size: size,
        modified: Timestamp(nanoseconds: modified))
    }
    #expect(
      try catalog.knowledge(of: [
        like(), like(size: 5), like(modified: 6), like(born: 4), like(device: 2),
      ]) == [.unchanged(record[0], isBlob: true), .changed, .changed, .unknown, .unknown])
  }

  /// Entries are found by ordinal, by path and by directory, however they are cut.
  package func lists() throws {
    let texts = (0..<300).map { String($0 + 1000) }
    let checkpoint = try commit("a", texts, at: 1)
    let all = try catalog.entries(of: checkpoint.id, in: nil, from: 0, limit: 1000)
    #expect(all.map(\.entry.path.description) == texts.map { $0 + ".sst" })
    #expect(all.map(\.ordinal) == Array(0..<300))
    for start in stride(from: 0, to: 301, by: 37) {
      #expect(
        try catalog.entries(of: checkpoint.id, in: nil, from: start, limit: 11)
          == Array(all.dropFirst(start).prefix(11)))
    }
    for record in all {
      #expect(try catalog.entry(record.ordinal, of: checkpoint.id) == record)
      #expect(
        try catalog.entries(near: record.entry.path, of: checkpoint.id).contains(record))
    }
    #expect(try catalog.entries(near: EntryPath("0"), of: checkpoint.id) == [])
    #expect(try catalog.entries(near: EntryPath("zzz"), of: checkpoint.id) == [])
    #expect(try catalog.entry(300, of: checkpoint.id) == nil)
    #expect(try catalog.entries(of: checkpoint.id, in: EntryPath("none"), from: 0, limit: 9) == [])
  }
}
