// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("P4: collection is safe")
struct CollectionTests {
  let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
  }

  @Test("drop and gc free exactly the bytes that nothing else shares")
  func exact() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "shared", "2.sst": "only here"]))
    try fixture.commit(try fixture.source("b", ["1.sst": "shared"]))
    let first = try fixture.checkpoint("orders/chk-1")
    #expect(try fixture.store.uniqueBytes(of: first) == 9)
    #expect(try fixture.store.uniqueBytes() == [first.id: 9])
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    #expect(try fixture.store.collectableGarbage().removedBytes == 9)
    let report = try fixture.store.collectGarbage()
    #expect(report.removedBlobs == 1)
    #expect(report.removedBytes == 9)
    #expect(try fixture.store.collectGarbage().removedBlobs == 0)
    #expect(try fixture.entries("orders/chk-2")["1.sst"]?.references == 1)
    try fixture.expectSound()
  }

  @Test("a content is unique to the one checkpoint that has it, under however many names")
  func unique() throws {
    try fixture.commit(
      try fixture.source("a", ["1.sst": "twice", "2.sst": "twice", "CURRENT": "c"]))
    try fixture.commit(try fixture.source("b", ["3.sst": "elsewhere", "CURRENT": "c"]))
    try fixture.commit(try fixture.source("c", ["3.sst": "elsewhere"]), to: "other")
    let first = try fixture.checkpoint("orders/chk-1")
    #expect(try fixture.store.uniqueBytes(of: first) == 5)
    #expect(try fixture.store.uniqueBytes() == [first.id: 5])
    #expect(try fixture.store.uniqueBytes(of: fixture.checkpoint("orders/chk-2")) == 0)
  }

  @Test("a dry run changes nothing")
  func dryRun() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    try fixture.commit(try fixture.source("b", ["2.sst": "two"]))
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    let before = try fixture.blobFiles
    #expect(try fixture.store.collectableGarbage().removedBlobs == 1)
    #expect(try fixture.store.collectableGarbage().removedBlobs == 1)
    #expect(try fixture.blobFiles == before)
  }

  /// How many files a store has, of blobs and in quarantine, and their bytes.
  private static func files(of store: FilePath) throws -> (count: Int, bytes: UInt64) {
    let quarantine = store.appending("quarantine")
    let shelves = try store.appending("blobs").names.map { store.appending("blobs/\($0)") }
    let files = try (shelves + (quarantine.exists ? [quarantine] : []))
      .flatMap { shelf in try shelf.names.map { try shelf.appending($0).status } }
    return (files.count, files.map(\.size).reduce(0, +))
  }

  /// What is told to be garbage is what a collection then removes, and says that it has.
  private func expectExact(_ path: FilePath, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let store = try Store(at: path)
    let before = try Self.files(of: path)
    let told = try store.statistics()
    #expect(told.unreferencedBlobs > 0, sourceLocation: sourceLocation)
    #expect(try StoreSource(at: path).statistics() == told, sourceLocation: sourceLocation)
    let wouldBe = try store.collectableGarbage()
    let report = try store.collectGarbage()
    let after = try Self.files(of: path)
    for (blobs, bytes) in [
      (Int(told.unreferencedBlobs), UInt64(told.unreferencedBytes)),
      (wouldBe.removedBlobs, wouldBe.removedBytes), (report.removedBlobs, report.removedBytes),
    ] {
      #expect(blobs == before.count - after.count, sourceLocation: sourceLocation)
      #expect(bytes == before.bytes - after.bytes, sourceLocation: sourceLocation)
    }
    let rest = try store.statistics()
    #expect(
      rest.unreferencedBlobs == 0 && rest.unreferencedBytes == 0, sourceLocation: sourceLocation)
  }

  @Test("what a rebuilt catalog gives to collection is counted as garbage, be it in quarantine")
  func rebuilt() throws {
    let (scratch, path) = try { () throws -> (ScratchDirectory, FilePath) in
      let fixture = try StoreFixture()
      try fixture.commit(try fixture.source("a", ["1.sst": "one", "CURRENT": "a"]))
      try fixture.commit(try fixture.source("b", ["2.sst": "two"]))
      try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
      let quarantine = fixture.path.appending("quarantine")
      try FileSystemCalls.makeDirectory(quarantine)
      try quarantine.appending("\(Digest(hashing: [1]))-77").write("needless")
      return (fixture.scratch, fixture.path)
    }()
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try expectExact(path)
    withExtendedLifetime(scratch) {}
  }

  @Test("so is what an interrupted collection has left")
  func interrupted() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    try fixture.commit(try fixture.source("b", ["2.sst": "two"]))
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    let taken = try fixture.store.catalog.collect(dead: [], after: nil, limit: 100)
    #expect(try fixture.store.statistics().unreferencedBlobs == taken.blobs.count)
    try expectExact(fixture.path)
  }

  @Test("so is a bad file in quarantine that is not needed any more")
  func released() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]), policy: .copy)
    let name = try #require(
      try fixture.blobFiles.first { $0.hasPrefix(Digest(hashing: Array("one".utf8)).hexadecimal) })
    let path = fixture.path.appending("blobs/\(name.prefix(2))/\(name)")
    try path.write("damaged")
    #expect(try !fixture.store.check(readData: false, repair: true).isClean)
    #expect(try fixture.store.statistics().unreferencedBlobs == 0)
    try path.write("one")
    #expect(try fixture.store.check(readData: false, repair: true).isClean)
    #expect(try fixture.store.statistics().unreferencedBytes == 7)
    try expectExact(fixture.path)
  }

  @Test("what a pending checkpoint relies on stays, also when its base is dropped")
  func pinned() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let pending = try fixture.begin("orders")
    try fixture.commit(try fixture.source("c", ["3.sst": "three"]))
    let entries = try pending.ingest(try fixture.source("b", ["1.sst": "one", "2.sst": "two"]))
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    #expect(try fixture.store.collectGarbage().removedBlobs == 0)
    _ = try pending.complete(entries, owner: Ownership(user: 0, group: 0))
    try fixture.expectSound()
    #expect(try fixture.entries("orders/chk-2").count == 2)
  }

  @Test("a blob that is being collected and taken in again at the same time is not lost")
  func again() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "content"]))
    try fixture.commit(try fixture.source("b", ["2.sst": "other"]))
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    // Taken out of the catalog, its file still there: a commit makes a new incarnation.
    let taken = try fixture.store.catalog.collect(dead: [], after: nil, limit: 100)
    try fixture.commit(try fixture.source("c", ["1.sst": "content"]))
    #expect(taken.contents == 1)
    _ = try fixture.store.collectGarbage()
    try fixture.expectSound()
    #expect(try fixture.entries("orders/chk-3").count == 1)
  }

  @Test("latest is never dropped, a tagged one only by force; all or none")
  func refused() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "1"]))
    try fixture.commit(try fixture.source("b", ["1.sst": "2"]), tag: "keep")
    try fixture.commit(try fixture.source("c", ["1.sst": "3"]))
    let all = try (1...3).map { try fixture.checkpoint("orders/chk-\($0)") }
    for (checkpoints, force) in [
      ([all[2]], true), ([all[0], all[1]], false), ([all[0], all[2]], true),
    ] {
      let error = #expect(throws: StoreError.self) {
        try fixture.store.drop(checkpoints, force: force)
      }
      #expect(error?.code == .refused)
    }
    let history = try fixture.store.history(named: HistoryName("orders"))
    #expect(try fixture.store.checkpoints(of: history).count == 3)
    try fixture.store.drop([all[1]], force: true)
    #expect(try fixture.store.tags(of: history).isEmpty)
    try fixture.expectSound()
  }
}
