// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import SystemPackage
import TestSupport
import Testing

struct SQLiteCatalogTests {
  let scratch: ScratchDirectory
  let path: FilePath
  let contract: CatalogContract

  init() throws {
    scratch = try ScratchDirectory()
    path = scratch.path.appending("catalog.sqlite")
    var generator = SystemRandomNumberGenerator()
    try SQLiteCatalog.create(at: path, store: StoreID(random: &generator))
    contract = CatalogContract(try SQLiteCatalog(at: path))
  }

  @Test("counts are those of completed checkpoints (P3)")
  func counts() throws { try contract.counts() }

  @Test("a content that two take in at once is kept once (P5)")
  func settles() throws { try contract.settlesOnce() }

  @Test("what was given up can do nothing more (P7)")
  func fences() throws { try contract.fences() }

  @Test("times of completion increase within a history")
  func orders() throws { try contract.ordersCompletions() }

  @Test("after the greatest number none is given, and that is said")
  func numbersEnd() throws { try contract.numbersEnd() }

  @Test("the checkpoints that a damaged blob hurts are told by name")
  func needs() throws { try contract.tellsWhoNeeds() }

  @Test("collection takes what nothing refers to and nothing relies on (P4)")
  func collects() throws { try contract.collects() }

  @Test("what is placed after collection took its name is collected the next time (P6)")
  func latecomers() throws { try contract.collectsLatecomers() }

  @Test("a lease outlives a drop (P4)")
  func leases() throws { try contract.leases() }

  @Test("each change leaves what the manifests need, in order (P8)")
  func posts() throws { try contract.posts() }

  @Test("what nobody has confirmed is no base, and can be withdrawn (P7)")
  func withdraws() throws { try contract.withdraws() }

  @Test("evidence is found while nothing changed (P5)")
  func evidence() throws { try contract.remembersEvidence() }

  @Test("entries are found by ordinal, path and directory")
  func lists() throws { try contract.lists() }

  @Test("a file that is no catalog, or of a later format, is refused and left alone")
  func foreign() throws {
    let other = scratch.path.appending("other")
    try other.write("no database at all, but long enough to be looked at as one by SQLite itself")
    let error = #expect(throws: CatalogError.self) { try SQLiteCatalog(at: other) }
    #expect(error?.code == .unusable)
    #expect(try other.read().starts(with: Array("no database".utf8)))
  }

  @Test("two that have it open see each other's changes at once")
  func shared() throws {
    let other = CatalogContract(try SQLiteCatalog(at: path))
    try contract.counts()
    #expect(try other.catalog.statistics() == contract.catalog.statistics())
    #expect(try other.catalog.statistics().checkpoints == 1)
  }
}
