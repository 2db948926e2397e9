// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("A store that has lost a directory, as a file system's own check may leave it")
struct LostDirectoryTests {
  private let fixture: StoreFixture
  private var store: Store { fixture.store }
  /// What the store has lost, as in lost+found.
  private let found: FilePath

  init() throws {
    fixture = try StoreFixture()
    found = fixture.scratch.path.appending("found")
    for name in ["a", "b"] {
      try fixture.commit(try fixture.source(name, ["1.sst": "one", "CURRENT": name]))
    }
  }

  private func shelf(of digest: Digest) -> FilePath {
    fixture.path.appending("blobs").appending(String(digest.hexadecimal.prefix(2)))
  }

  private let one = Digest(hashing: Array("one".utf8))

  /// - Returns: how many files it had: which pages share a shelf with what else differs from run to run.
  @discardableResult
  private func lose(_ directory: FilePath) throws -> Int {
    try FileSystemCalls.rename(directory, to: found)
    return try found.names.count
  }

  private func repair() throws -> CheckReport {
    try store.check(CheckOptions(readsData: true, repairs: true, sources: [found]))
  }

  @Test("a repair makes it anew for what it fetches, and as private as it was")
  func repaired() throws {
    let count = try lose(shelf(of: one))
    let damaged = try store.check(readData: false, repair: false)
    #expect(damaged.problems.map(\.kind) == Array(repeating: .missingBlob, count: count))
    let report = try repair()
    #expect(report.isClean && report.repaired.count == count, "\(report)")
    #expect(try shelf(of: one).status.permissions == 0o700)
    #expect(try store.open(one) != nil)
    try fixture.expectSound()
  }

  @Test("so does a commit that has the content in hand, and one that has a new one for it")
  func committed() throws {
    try lose(shelf(of: one))
    try fixture.commit(try fixture.source("c", ["9.sst": "one"]))
    #expect(try store.open(one) != nil)
    #expect(try repair().isClean)
    try fixture.expectSound()
    // Every shelf but those in use.
    for name in try fixture.path.appending("blobs").names {
      let shelf = fixture.path.appending("blobs").appending(name)
      if try shelf.names.isEmpty { try FileSystemCalls.removeDirectory(shelf) }
    }
    let files = Dictionary(uniqueKeysWithValues: (0..<64).map { ("\($0).sst", "content \($0)") })
    try fixture.commit(try fixture.source("d", files))
    try fixture.expectSound()
  }

  @Test("a page that lay in it is written anew")
  func page() throws {
    let manifest = try Manifest(
      decoding: fixture.path.appending("manifests/1/chk-2").read())
    let count = try lose(shelf(of: #require(manifest.pages.first)))
    let report = try repair()
    #expect(report.isClean && report.repaired.count == count, "\(report)")
    try fixture.expectSound()
  }

  @Test("a blob is put back from quarantine into it")
  func putBack() throws {
    let path = shelf(of: one).appending(try #require(shelf(of: one).names.first))
    let time = try path.status.modified
    try path.write("0ne")
    try path.setModified(time)
    #expect(try !store.check(readData: true, repair: true).isClean)
    let quarantine = fixture.path.appending("quarantine")
    try quarantine.appending(quarantine.names[0]).write("one")
    try lose(shelf(of: one))
    #expect(try repair().isClean)
    try fixture.expectSound()
  }

  @Test("collection goes on without it, be it lost before or once blobs are to be removed (P4)")
  func collected() throws {
    try fixture.commit(try fixture.source("c", ["1.sst": "three"]))
    try store.drop(["orders/chk-1", "orders/chk-2"].map(fixture.checkpoint), force: false)
    try lose(shelf(of: one))
    #expect(try store.collectGarbage().removedBlobs == 3)
    #expect(try !shelf(of: one).exists)
    #expect(try repair().isClean)
    try fixture.expectSound()
  }

  @Test(
    "every other one is made anew where something is put there, and what lay in it can be put right",
    arguments: ["staging", "pending", "manifests", "manifests/1", "blobs", "quarantine"])
  func others(_ name: String) throws {
    let directory = fixture.path.appending(name)
    if try !directory.exists { try FileSystemCalls.makeDirectory(directory, permissions: 0o700) }
    let before = try fixture.entries("orders/chk-2")
    try lose(directory)
    _ = try store.check(readData: true, repair: false)
    _ = try store.collectGarbage()
    try fixture.commit(try fixture.source("c", ["1.sst": "three"]))
    let report = try repair()
    #expect(report.isClean, "\(report)")
    #expect(try name == "quarantine" || directory.status.permissions == 0o700)
    #expect(try fixture.entries("orders/chk-2") == before)
    #expect(try store.check(readData: true, repair: false).isClean)
    #expect(
      try fixture.path.appending("manifests/1").names == ["chk-1", "chk-2", "chk-3", "history"])
  }

  @Test("without its locks it is refused, with what to do, and used again once they are there")
  func locks() throws {
    let locks = fixture.path.appending("locks")
    try lose(locks)
    for use in [
      { _ = try Store(at: fixture.path) }, { _ = try Store.rebuildCatalog(at: fixture.path) },
      { _ = try Store.create(at: fixture.path) }, { _ = try StoreSource(at: fixture.path) },
      { _ = try Store.check(at: fixture.path, CheckOptions()) },
    ] as [() throws -> Void] {
      let error = #expect(throws: StoreError.self) { try use() }
      #expect(
        error?.code == .damaged && error?.message.hasSuffix("mkdir -m 700 '\(locks)'") == true)
    }
    #expect(try !locks.exists)
    try FileSystemCalls.makeDirectory(locks, permissions: 0o700)
    #expect(try Store(at: fixture.path).check(readData: true, repair: false).isClean)
  }

  @Test("no catalog is made from manifests that are not there, but told to put them back (P8)")
  func nothingToRebuildFrom() throws {
    let (scratch, path) = try { () throws -> (ScratchDirectory, FilePath) in
      let fixture = try StoreFixture()
      try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
      return (fixture.scratch, fixture.path)
    }()
    let aside = scratch.path.appending("aside")
    try FileSystemCalls.rename(path.appending("manifests"), to: aside)
    let error = #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    #expect(error?.code == .damaged && error?.message.contains("put it back") == true)
    #expect(try Store(at: path).check(readData: true, repair: true).isClean)
    #expect(try path.appending("manifests/1").names == ["chk-1", "history"])
    withExtendedLifetime(scratch) {}
  }
}
