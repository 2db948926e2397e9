// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("P4 P8: neither a rebuild nor a repair takes away the last that is right")
struct LastCopyTests {
  /// What a store is made of, let go of so that a rebuild may have it alone.
  private func filled(
    _ more: (StoreFixture) throws -> Void = { _ in }
  ) throws -> (ScratchDirectory, FilePath) {
    let fixture = try StoreFixture()
    try fixture.commit(
      try fixture.source("a", ["1.sst": "one", "CURRENT": "c"]), policy: .copy)
    try fixture.commit(
      try fixture.source("b", ["1.sst": "one", "2.sst": "two"]), tag: "keep", policy: .copy)
    try more(fixture)
    return (fixture.scratch, fixture.path)
  }

  /// The files of a content, the oldest first.
  private func files(_ text: String, in store: FilePath) throws -> [FilePath] {
    let digest = Digest(hashing: Array(text.utf8))
    let shelf = store.appending("blobs").appending(String(digest.hexadecimal.prefix(2)))
    return try shelf.names.compactMap { BlobName($0) }.filter { $0.digest == digest }
      .sorted { $0.incarnation < $1.incarnation }.map { shelf.appending($0.description) }
  }

  /// Other bytes, by which neither size nor time tells.
  private func rot(_ path: FilePath) throws {
    let status = try path.status
    try path.write(String(repeating: "x", count: Int(status.size)))
    try path.setModified(status.modified)
  }

  private func removeCatalog(of store: FilePath) throws {
    for suffix in ["", "-wal", "-shm"] {
      try FileSystemCalls.unlinkIfPresent(
        FilePath(store.appending("catalog.sqlite").string + suffix))
    }
  }

  @Test("of a bad file and the one that a commit put in its place, a rebuild keeps the good one")
  func healed() throws {
    let (scratch, path) = try filled { fixture in
      let bad = try #require(try files("one", in: fixture.path).first)
      try rot(bad)
      let report = try fixture.store.check(readData: true, repair: false)
      #expect(report.problems.map(\.kind) == [.corruptBlob])
      try fixture.commit(try fixture.source("c", ["1.sst": "one"]), policy: .copy)
      #expect(try fixture.store.check(readData: true, repair: false).isClean)
      #expect(try files("one", in: fixture.path).count == 2)
    }
    try removeCatalog(of: path)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    let store = try Store(at: path)
    _ = try store.collectGarbage()
    #expect(try files("one", in: path).count == 1)
    #expect(try store.check(readData: true, repair: false).problems == [])
    withExtendedLifetime(scratch) {}
  }

  @Test(
    "the time of a file that a commit put in a bad one's place is known to a rebuild, also when the bad one is gone"
  )
  func healedAndCollected() throws {
    let (scratch, path) = try filled { fixture in
      try rot(try #require(try files("one", in: fixture.path).first))
      _ = try fixture.store.check(readData: true, repair: false)
      let files = try fixture.source("c", ["1.sst": "one"])
      try files[0].location.setModified(1_234_567_890_000_000_000)
      try fixture.commit(files, policy: .copy)
      _ = try fixture.store.collectGarbage()
    }
    #expect(try files("one", in: path).count == 1)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try Store(at: path).check(readData: false, repair: false).problems == [])
    withExtendedLifetime(scratch) {}
  }

  @Test("of two files that are both bad a rebuild tells, keeps both, and a repair mends it")
  func bothBad() throws {
    let (scratch, path) = try filled()
    let first = try #require(try files("one", in: path).first)
    let second = FilePath(first.string.replacing(/-[0-9]+$/, with: "-999"))
    try FileSystemCalls.link(first, as: second)
    try rot(first)
    try removeCatalog(of: path)
    let report = try Store.rebuildCatalog(at: path)
    #expect(report.problems.map(\.kind) == [.corruptBlob])
    let store = try Store(at: path)
    _ = try store.collectGarbage()
    #expect(try files("one", in: path).count == 2)
    let source = try scratch.directory("source")
    try source.appending("any").write("one")
    let repaired = try store.check(
      CheckOptions(readsData: true, repairs: true, sources: [source]))
    #expect(repaired.repaired.contains { $0.kind == .corruptBlob })
    #expect(try store.check(readData: true, repair: false).problems.map(\.kind) == [.strayBlob])
  }

  @Test(
    "a file that is cut short is known under its name after a rebuild, so a repair puts it right at once"
  )
  func cutShort() throws {
    let (scratch, path) = try filled()
    let file = try #require(try files("one", in: path).first)
    try file.write("on")
    try removeCatalog(of: path)
    let report = try Store.rebuildCatalog(at: path)
    #expect(report.problems.map(\.kind) == [.changedBlob])
    let source = try scratch.directory("source")
    try source.appending("any").write("one")
    let store = try Store(at: path)
    #expect(
      try store.check(
        CheckOptions(readsData: true, repairs: true, sources: [source])
      ).isClean)
    #expect(try store.check(readData: true, repair: false).isClean)
    #expect(try files("one", in: path).count == 1)
  }

  @Test(
    "a tag whose checkpoint has no manifest tells that one was lost, and nothing is collected then")
  func taggedAndLost() throws {
    let (scratch, path) = try filled()
    let manifests = path.appending("manifests").appending("1")
    let manifest = manifests.appending("chk-2")
    let kept = scratch.path.appending("kept")
    try FileSystemCalls.rename(manifest, to: kept)
    try removeCatalog(of: path)
    let lost = try Store.rebuildCatalog(at: path)
    #expect(lost.problems.map(\.kind) == [.missingManifest])
    #expect(lost.problems.first?.path == "manifests/1/chk-2")
    #expect(lost.problems.first?.detail.contains("tagged 'keep'") == true)
    let collected = #expect(throws: StoreError.self) { try Store(at: path).collectGarbage() }
    #expect(collected?.code == .refused)
    // Put back, all is there again.
    try FileSystemCalls.rename(kept, to: manifest)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    let store = try Store(at: path)
    #expect(try store.check(readData: true, repair: false).isClean)
    let history = try store.history(named: HistoryName("orders"))
    #expect(try store.tags(of: history).map(\.name.rawValue) == ["keep"])
  }

  @Test(
    "a history whose name was lost, and put back when another had it, is there again beside that one"
  )
  func nameTwice() throws {
    let (scratch, path) = try filled()
    let name = path.appending("manifests/1/history")
    let lost = try name.read()
    try FileSystemCalls.unlink(name)
    try removeCatalog(of: path)
    #expect(try !Store.rebuildCatalog(at: path).isClean)
    do {
      let fixture = try StoreFixture(path, in: scratch)
      try fixture.commit(try fixture.source("new", ["1.sst": "new"]), policy: .copy)
    }
    try name.write(lost)
    for turn in 0..<2 {
      try removeCatalog(of: path)
      let report = try Store.rebuildCatalog(at: path)
      #expect(report.isClean)
      #expect(report.notices.contains { $0.kind == .renamedHistory } == (turn == 0))
      let fixture = try StoreFixture(path, in: scratch)
      #expect(try fixture.entries("orders/latest").keys.sorted() == ["1.sst"])
      #expect(try fixture.entries("orders-1/latest").keys.sorted() == ["1.sst", "2.sst"])
      #expect(try fixture.checkpoint("orders-1/tags/keep").number.rawValue == 2)
      #expect(try fixture.store.check(readData: true, repair: false).isClean)
    }
  }

  @Test("no number is given again of a checkpoint of which only the tag is left")
  func takenNumber() throws {
    let (scratch, path) = try filled()
    try FileSystemCalls.unlink(path.appending("manifests").appending("1").appending("chk-2"))
    try removeCatalog(of: path)
    _ = try Store.rebuildCatalog(at: path)
    let store = try Store(at: path)
    guard case .pending(let pending) = try store.begin(HistoryName("orders")) else {
      Issue.record("a new number was used before")
      return
    }
    let entries = try pending.ingest([])
    let new = try pending.complete(entries, owner: Ownership(user: 0, group: 0))
    #expect(new.checkpoint.number.rawValue == 3)
    withExtendedLifetime(scratch) {}
  }

  @Test(
    "a sound manifest that says otherwise than the catalog is left as it is, and both ways out are told",
    arguments: [
      ("UPDATE history SET name = 'other'", "manifests/1/history"),
      ("UPDATE checkpoint SET completed = completed + 1 WHERE number = 2", "manifests/1/chk-2"),
      ("UPDATE tag SET created = created + 1", "manifests/1/tag-keep"),
    ])
  func contradiction(_ sql: String, _ file: String) throws {
    let (scratch, path) = try filled()
    let manifest = path.appending(file)
    let before = try FileSystemCalls.contents(of: manifest, limit: 1 << 20)
    try SQLite.run(sql, in: path.appending("catalog.sqlite"))
    do {
      let store = try Store(at: path)
      for repairs in [false, true] {
        let report = try store.check(readData: false, repair: repairs)
        #expect(report.problems.map(\.path) == [file] && report.repaired.isEmpty)
        #expect(report.problems.allSatisfy { $0.kind == .wrongManifest })
        let detail = try #require(report.problems.first?.detail)
        #expect(detail.contains("--rebuild-catalog") && detail.contains("--repair"))
      }
    }
    #expect(try FileSystemCalls.contents(of: manifest, limit: 1 << 20) == before)
    // The file is believed, or the catalog.
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try SQLite.run(sql, in: path.appending("catalog.sqlite"))
    try FileSystemCalls.unlink(manifest)
    let store = try Store(at: path)
    #expect(try store.check(readData: false, repair: true).isClean)
    #expect(try store.check(readData: true, repair: false).isClean)
    #expect(try FileSystemCalls.contents(of: manifest, limit: 1 << 20) != before)
    withExtendedLifetime(scratch) {}
  }
}
