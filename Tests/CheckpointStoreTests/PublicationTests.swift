// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import SystemPackage
import TestSupport
import Testing

@Suite("P1, P3, P7: publication, counts and pending checkpoints")
struct PublicationTests {
  let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
  }

  @Test("a checkpoint is seen whole when it completed, and not before (P1)")
  func atomic() throws {
    let pending = try fixture.begin("orders")
    let entries = try pending.ingest(try fixture.source("a", ["1.sst": "one", "CURRENT": "c"]))
    let reader = try Store(at: fixture.path)
    #expect(try reader.histories().isEmpty)
    let result = try pending.complete(entries, owner: Ownership(user: 1, group: 2))
    let history = try #require(try reader.histories().first)
    #expect(try reader.checkpoints(of: history) == [result.checkpoint])
    #expect(try fixture.entries("orders/latest").keys.sorted() == ["1.sst", "CURRENT"])
  }

  @Test("the count of a content is the number of entries that refer to it (P3)")
  func counts() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one", "2.sst": "two", "CURRENT": "c"]))
    try fixture.commit(try fixture.source("b", ["1.sst": "one", "3.sst": "two", "4.sst": "two"]))
    try fixture.commit(try fixture.source("c", ["9.sst": "one"]), to: "payments")
    let entries = try fixture.entries("orders/chk-1")
    #expect(entries["1.sst"]?.references == 3)
    #expect(entries["2.sst"]?.references == 3)
    #expect(try fixture.store.statistics().blobs == 3)
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    #expect(try fixture.entries("orders/chk-2")["1.sst"]?.references == 2)
    #expect(try fixture.entries("orders/chk-2")["4.sst"]?.references == 2)
    try fixture.expectSound()
  }

  @Test("an abandoned checkpoint leaves nothing and takes nothing away (P7)")
  func abandoned() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    do {
      let pending = try fixture.begin("orders")
      _ = try pending.ingest(try fixture.source("b", ["1.sst": "one", "2.sst": "two"]))
      try pending.abort()
    }
    do {
      let pending = try fixture.begin("brand-new")
      _ = try pending.ingest(try fixture.source("c", ["5.sst": "five"]))
    }
    #expect(try fixture.store.histories().map(\.name.rawValue) == ["orders"])
    #expect(try fixture.store.collectGarbage().removedBlobs == 2)
    #expect(try fixture.entries("orders/chk-1")["1.sst"]?.references == 1)
    try fixture.expectSound()
  }

  @Test("only a completed checkpoint is a base (P7)")
  func base() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let first = try fixture.begin("orders")
    _ = try first.ingest(try fixture.source("b", ["2.sst": "two"]))
    let second = try fixture.begin("orders")
    #expect(second.number.rawValue == 3)
    let entries = try second.ingest(try fixture.source("c", ["2.sst": "two", "1.sst": "one"]))
    try first.abort()
    _ = try fixture.store.collectGarbage()
    _ = try second.complete(entries, owner: Ownership(user: 0, group: 0))
    try fixture.expectSound()
  }

  @Test("a checkpoint whose pins are gone can no longer complete (P7)")
  func fenced() throws {
    let pending = try fixture.begin("orders")
    let entries = try pending.ingest(try fixture.source("a", ["1.sst": "one"]))
    // What gc does for an owner that lost its lock.
    for owner in try fixture.store.catalog.owners() {
      _ = try fixture.store.catalog.collect(dead: [owner], after: nil, limit: 100)
    }
    do throws(StoreError) {
      _ = try pending.complete(entries, owner: Ownership(user: 0, group: 0))
      Issue.record("it completed")
    } catch {
      #expect(error.code == .expired)
    }
    #expect(try fixture.store.histories().isEmpty)
  }

  @Test("checkpoints that finish out of order keep their numbers, and latest is the greatest")
  func outOfOrder() throws {
    let first = try fixture.begin("orders")
    let second = try fixture.begin("orders")
    let (one, two) = (
      try first.ingest(try fixture.source("a", ["1.sst": "one"])),
      try second.ingest(try fixture.source("b", ["2.sst": "two"]))
    )
    let owner = Ownership(user: 0, group: 0)
    let later = try second.complete(two, owner: owner).checkpoint
    let earlier = try first.complete(one, owner: owner).checkpoint
    #expect(earlier.completed > later.completed)
    #expect(try fixture.checkpoint("orders/latest").number == later.number)
  }

  @Test("a number is never used again")
  func numbers() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "1"]), number: 5)
    try fixture.commit(try fixture.source("b", ["1.sst": "2"]))
    #expect(try fixture.checkpoint("orders/latest").number.rawValue == 6)
    try fixture.store.drop([fixture.checkpoint("orders/chk-5")], force: false)
    _ = try fixture.store.collectGarbage()
    let error = #expect(throws: StoreError.self) { _ = try fixture.begin("orders", number: 5) }
    #expect(error?.code == .refused)
    // A gap below was never used.
    try fixture.commit(try fixture.source("c", ["1.sst": "3"]), number: 2)
  }

  @Test("a number that is being taken is busy, until its owner is gone")
  func taken() throws {
    do {
      let pending = try fixture.begin("orders", number: 3)
      let error = #expect(throws: StoreError.self) { _ = try fixture.begin("orders", number: 3) }
      #expect(error?.code == .busy)
      _ = consume pending
    }
    try fixture.commit(try fixture.source("a", ["1.sst": "1"]), number: 3)
  }

  @Test("times of completion increase within a history even if the clock does not")
  func times() throws {
    var last: CheckpointRecord?
    for index in 0..<20 {
      let next = try fixture.commit(try fixture.source("s\(index)", ["1.sst": "\(index)"]))
        .checkpoint
      if let last { #expect(next.completed > last.completed) }
      last = next
    }
  }

  @Test("the same content under several names, histories and kinds is stored once (P5)")
  func deduplicated() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "same", "CURRENT": "same", "x": "same"]))
    let result = try fixture.commit(try fixture.source("b", ["7.sst": "same"]), to: "other")
    #expect(result.newFiles == 0)
    #expect(result.checkpoint.newBytes == 0)
    #expect(try fixture.store.statistics().blobs == 1)
    #expect(try fixture.store.statistics().blobBytes == 4)
    #expect(try fixture.store.statistics().logicalBytes == 16)
  }

  @Test("a history that is renamed while a checkpoint is taken has it under its new name")
  func renamedMeanwhile() throws {
    let fixture = try StoreFixture()
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let pending = try fixture.begin("orders")
    let entries = try pending.ingest(try fixture.source("b", ["2.sst": "two"]))
    try fixture.store.rename(
      fixture.store.history(named: HistoryName("orders")), to: HistoryName("old"))
    try fixture.commit(try fixture.source("c", ["3.sst": "three"]))
    let result = try pending.complete(entries, owner: Ownership(user: 0, group: 0))
    #expect(result.history.rawValue == "old")
    #expect(try fixture.checkpoint("old/chk-2").id == result.checkpoint.id)
    try fixture.expectSound()
  }
}
