// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("fsck --repair")
struct RepairTests {
  private let fixture: StoreFixture
  private var store: Store { fixture.store }

  init() throws {
    fixture = try StoreFixture()
    for name in ["a", "b"] {
      try fixture.commit(
        try fixture.source(name, ["1.sst": "one", "2.sst": "two", "CURRENT": name]), policy: .copy)
    }
  }

  /// How a blob's file comes to harm.
  enum Harm: String, CaseIterable, Sendable {
    case removed, truncated, rotten, replacedByDirectory

    func happen(to path: FilePath) throws {
      switch self {
      case .removed: try FileSystemCalls.unlink(path)
      case .truncated: try path.write("o")
      case .rotten:
        let time = try path.status.modified
        try path.write("0ne")
        try path.setModified(time)
      case .replacedByDirectory:
        try FileSystemCalls.unlink(path)
        try FileSystemCalls.makeDirectory(path)
      }
    }
  }

  private func digest(_ text: String) -> Digest { Digest(hashing: Array(text.utf8)) }

  private func blob(_ text: String) throws -> FilePath {
    let digest = digest(text).hexadecimal
    let shelf = fixture.path.appending("blobs").appending(String(digest.prefix(2)))
    return shelf.appending(try #require(try shelf.names.first { $0.hasPrefix(digest) }))
  }

  private var quarantine: FilePath { fixture.path.appending("quarantine") }

  private func repair(_ sources: FilePath..., readingData: Bool = true) throws -> CheckReport {
    try store.check(CheckOptions(readsData: readingData, repairs: true, sources: sources))
  }

  @Test(
    "a lost or damaged content is fetched by size and digest from a directory, whatever its name there",
    arguments: Harm.allCases)
  func fetchesFromDirectory(_ harm: Harm) throws {
    try harm.happen(to: blob("one"))
    let before = try fixture.entries("orders/chk-1")
    let directory = try fixture.scratch.directory("live")
    try directory.appending("000009.sst").write("0ne")
    try FileSystemCalls.makeDirectory(directory.appending("below"))
    try directory.appending("below/000123.sst").write("one")
    try FileSystemCalls.makeSymbolicLink(directory.appending("link"), to: "/")
    let report = try repair(directory)
    #expect(report.isClean && report.repaired.count == 1)
    #expect(report.notices.map(\.path) == [directory.appending("link").string])
    #expect(report.notices.allSatisfy { $0.detail.contains("is not followed") })
    let repaired = try #require(report.repaired.first)
    #expect(repaired.detail.contains("fetched from '\(directory.appending("below/000123.sst"))'"))
    #expect(repaired.checkpoints.map(\.description) == ["orders/chk-1", "orders/chk-2"])
    let file = try #require(try store.open(digest("one")))
    #expect(try fixture.entries("orders/chk-1") == before)
    try fixture.expectSound("\(harm)")
    #expect(try !quarantine.exists || quarantine.names == [])
    withExtendedLifetime(file) {}
  }

  @Test("a content is fetched from another store, which is only read")
  func fetchesFromStore() throws {
    let other = try StoreFixture()
    try other.commit(try other.source("x", ["7.sst": "one"]), to: "elsewhere")
    let before = try other.path.names
    try Harm.rotten.happen(to: blob("one"))
    #expect(try repair(other.path).isClean)
    #expect(try store.open(digest("one")) != nil)
    try fixture.expectSound()
    try other.expectSound()
    #expect(try other.path.names == before)
  }

  @Test("what another store has rotten itself is not believed")
  func rottenSource() throws {
    let other = try StoreFixture()
    try other.commit(try other.source("x", ["7.sst": "one"]), to: "elsewhere")
    let name = try #require(try other.blobFiles.first { $0.hasPrefix(digest("one").hexadecimal) })
    try other.path.appending("blobs/\(name.prefix(2))/\(name)").write("0ne")
    try Harm.removed.happen(to: blob("one"))
    let report = try repair(other.path)
    #expect(report.problems.map(\.kind) == [.missingBlob])
    #expect(report.problems.first?.detail.contains("no file in the sources") == true)
  }

  @Test(
    "a bad blob that nobody has is moved aside as it is, refused and listed until its content comes back",
    arguments: [Harm.rotten, .truncated])
  func quarantines(_ harm: Harm) throws {
    let path = try blob("one")
    try harm.happen(to: path)
    let bad = try path.read()
    let report = try repair()
    #expect(report.problems.map(\.kind) == [.quarantinedBlob])
    #expect(report.problems.first?.path == "quarantine/\(try #require(path.lastComponent).string)")
    #expect(report.problems.first?.checkpoints.count == 2)
    #expect(try !path.exists)
    for _ in 1...2 {
      let error = #expect(throws: StoreError.self) { try store.open(digest("one")) }
      #expect(error?.code == .damaged && error?.message.contains("quarantine") == true)
      #expect(try store.open(digest("two")) != nil)
      _ = try store.collectGarbage()
      #expect(try quarantine.names.count == 1)
      #expect(try quarantine.appending(quarantine.names[0]).read() == bad)
      let again = try store.check(readData: false, repair: false)
      #expect(again.problems.map(\.kind) == [.quarantinedBlob])
    }
    #expect(try repair().problems.map(\.kind) == [.quarantinedBlob])
    try fixture.commit(try fixture.source("c", ["9.sst": "one"]), policy: .copy)
    #expect(try store.open(digest("one")) != nil)
    #expect(try store.check(readData: true, repair: false).isClean)
    try fixture.expectSound()
    #expect(try quarantine.names == [])
    #expect(try fixture.entries("orders/chk-1")["1.sst"]?.references == 3)
  }

  @Test("a blob in quarantine that is right when it is read again is put back")
  func putsBack() throws {
    let path = try blob("one")
    try Harm.rotten.happen(to: path)
    #expect(try !repair().isClean)
    try quarantine.appending(try #require(quarantine.names.first)).write("one")
    let report = try repair(readingData: false)
    #expect(report.isClean && report.repaired.map(\.kind) == [.quarantinedBlob])
    #expect(try path.exists && quarantine.names == [])
    #expect(try store.open(digest("one")) != nil)
    try fixture.expectSound()
  }

  @Test("a file that was put right by hand in its place is believed once it was read")
  func putRightByHand() throws {
    let path = try blob("one")
    try Harm.rotten.happen(to: path)
    #expect(try !repair().isClean)
    try path.write("one")
    #expect(try repair(readingData: false).isClean)
    #expect(try store.open(digest("one")) != nil)
    try fixture.expectSound()
    #expect(try quarantine.names == [])
  }

  @Test(
    "a file that was touched, and is written to while it or another is read, is not accepted unread (P5, P9)",
    arguments: [["one"], ["one", "two"]])
  func writtenToMeanwhile(_ texts: [String]) throws {
    let paths = try texts.map(blob)
    for path in paths { try path.write(path.read()) }
    // What is written within one tick of the kernel's clock has one time of change.
    let clock = fixture.scratch.path.appending("clock")
    repeat {
      try clock.write("")
    } while try paths.contains {
      try $0.status.changed == clock.status.changed
    }
    var options = CheckOptions(repairs: true)
    options.jobs = 1
    let state = Mutex((done: Int64(0), seen: 0))
    let report = try store.check(options) { progress in
      state.withLock { state in
        // No page is as short as these.
        if progress.doneBytes - state.done == 3 { state.seen += 1 }
        state.done = progress.doneBytes
        guard state.seen == texts.count else { return }
        state.seen += 1
        #expect(throws: Never.self) { for path in paths { try path.write("bad") } }
      }
    }
    #expect(state.withLock(\.seen) > texts.count)
    #expect(report.problems.map(\.kind) == texts.map { _ in .corruptBlob }, "\(report)")
    for text in texts {
      let error = #expect(throws: StoreError.self) { try store.open(digest(text)) }
      #expect(error?.code == .damaged)
    }
  }

  @Test("what cannot be repaired is told with the reason, and the rest is repaired")
  func goesOn() throws {
    let one = try blob("one")
    try Harm.removed.happen(to: one)
    try blob("two").write("two")
    let source = try fixture.scratch.directory("source")
    try source.appending("1").write("one")
    for part in ["staging", "pending"] {
      try FileSystemCalls.removeDirectory(fixture.path.appending(part))
      try fixture.path.appending(part).write("in the way")
    }
    try FileSystemCalls.unlink(fixture.path.appending("manifests/1/chk-1"))
    let report = try repair(source)
    #expect(report.repaired.map(\.kind) == [.changedBlob])
    #expect(report.problems.map(\.kind) == [.missingBlob, .missingManifest], "\(report)")
    #expect(
      report.problems.allSatisfy {
        $0.detail.contains("could not be repaired: cannot ") && !$0.checkpoints.isEmpty
      })
  }

  @Test("a quarantined blob goes with the last checkpoint that needs it")
  func forgotten() throws {
    try fixture.commit(try fixture.source("c", ["CURRENT": "c"]))
    try Harm.rotten.happen(to: blob("one"))
    #expect(try !repair().isClean)
    let dropped = try ["orders/chk-1", "orders/chk-2"].map(fixture.checkpoint)
    try store.drop(dropped, force: false)
    _ = try store.collectGarbage()
    #expect(try quarantine.names == [])
    try fixture.expectSound()
  }

  @Test("what is in quarantine is so in a rebuilt catalog, too, and no number of it is given again")
  func rebuilt() throws {
    let (scratch, path, before) = try { () throws -> (ScratchDirectory, FilePath, [String]) in
      let fixture = try StoreFixture()
      try fixture.commit(try fixture.source("a", ["1.sst": "one"]), policy: .copy)
      let digest = Digest(hashing: Array("one".utf8)).hexadecimal
      let name = try #require(try fixture.blobFiles.first { $0.hasPrefix(digest) })
      try fixture.path.appending("blobs/\(name.prefix(2))/\(name)").write("0")
      let report = try fixture.store.check(readData: false, repair: true)
      #expect(report.problems.map(\.kind) == [.quarantinedBlob])
      return (fixture.scratch, fixture.path, try fixture.path.appending("quarantine").names)
    }()
    let problems = try Store.rebuildCatalog(at: path).problems
    #expect(problems.map(\.kind) == [.quarantinedBlob])
    #expect(problems.first?.detail.contains("fsck --repair --source DIR") == true)
    let store = try Store(at: path)
    #expect(
      try store.check(readData: true, repair: false).problems.map(\.kind) == [.quarantinedBlob])
    let error = #expect(throws: StoreError.self) { try store.open(digest("one")) }
    #expect(error?.message.contains("quarantine") == true)
    let source = try scratch.directory("source")
    try source.appending("one").write("one")
    #expect(
      try store.check(CheckOptions(repairs: true, sources: [source])).isClean)
    _ = try store.collectGarbage()
    #expect(before.count == 1)
    #expect(try path.appending("quarantine").names == [])
    #expect(try store.check(readData: true, repair: false).isClean)
  }

  @Test(
    "what lies in quarantine for nobody, under several numbers or beside its blob, goes after a rebuild"
  )
  func rebuiltNeedless() throws {
    let (scratch, path) = try { () throws -> (ScratchDirectory, FilePath) in
      let fixture = try StoreFixture()
      try fixture.commit(try fixture.source("a", ["1.sst": "one"]), policy: .copy)
      let quarantine = fixture.path.appending("quarantine")
      try FileSystemCalls.makeDirectory(quarantine, permissions: 0o700)
      let digest = Digest(hashing: Array("needless".utf8)).hexadecimal
      for number in 1001...1003 {
        try quarantine.appending("\(digest)-\(number)").write("bad")
        try fixture.path.appending("blobs/\(digest.prefix(2))/\(digest)-\(number + 2)").write("bad")
      }
      return (fixture.scratch, fixture.path)
    }()
    #expect(try Store.rebuildCatalog(at: path).isClean)
    let store = try Store(at: path)
    #expect(try store.check(readData: true, repair: false).isClean)
    _ = try store.collectGarbage()
    #expect(try path.appending("quarantine").names == [])
    #expect(try store.check(readData: true, repair: false).isClean)
    withExtendedLifetime(scratch) {}
  }

  @Test("the store itself, a file and what is not there are no sources, and nothing is done then")
  func badSources() throws {
    // Also where nothing is looked for.
    #expect(throws: StoreError.self) { try repair("/no/such/directory") }
    try Harm.removed.happen(to: blob("one"))
    let file = fixture.scratch.path.appending("file")
    try file.write("x")
    for path in [fixture.path, fixture.path.appending("blobs"), file, "/no/such/directory"] {
      let error = #expect(throws: StoreError.self) { try repair(path) }
      #expect(error?.message.contains("'\(path)'") == true)
    }
  }

  @Test(
    "counts, links, page texts and totals of a catalog are put right from pages and manifests (P3)",
    arguments: [
      "UPDATE page SET refs = refs + 1, holders = 7", "DELETE FROM page_text",
      "UPDATE page_blob SET times = 2", "DELETE FROM page_blob",
      "INSERT INTO page_blob SELECT blob, 999, 1 FROM page_blob",
      "UPDATE checkpoint SET files = files + 1, full_bytes = 3", "DELETE FROM checkpoint_page",
      "UPDATE page_text SET content = x'00'", "DELETE FROM page", "UPDATE page SET bytes = 1",
    ])
  func relinks(_ sql: String) throws {
    let before = try fixture.entries("orders/chk-1")
    let record = try fixture.checkpoint("orders/chk-1")
    try SQLite.run(
      "PRAGMA foreign_keys = OFF; " + sql, in: fixture.path.appending("catalog.sqlite"))
    let found = try Store(at: fixture.path).check(readData: false, repair: false)
    #expect(
      found.problems.contains { $0.kind == .damagedCatalog && $0.detail.contains("--repair") })
    let report = try Store(at: fixture.path).check(readData: false, repair: true)
    #expect(report.isClean && report.repaired.contains { $0.kind == .damagedCatalog }, "\(report)")
    let store = try Store(at: fixture.path)
    var entries: [String: EntryRecord] = [:]
    try store.forEachEntry(of: store.checkpoint(CheckpointSelector("orders/chk-1"))) {
      entries[$0.entry.path.description] = $0
    }
    #expect(entries == before)
    #expect(try store.checkpoint(CheckpointSelector("orders/chk-1")) == record)
    #expect(try store.check(readData: true, repair: false).isClean)
  }

  @Test(
    "a catalog in which not all can be put right is left as it is, with the advice to rebuild it")
  func beyondRepair() throws {
    let catalog = fixture.path.appending("catalog.sqlite")
    try SQLite.run(
      "PRAGMA foreign_keys = OFF; DELETE FROM blob; UPDATE page SET refs = 9", in: catalog)
    let report = try Store(at: fixture.path).check(readData: false, repair: true)
    #expect(!report.isClean && report.repaired.isEmpty)
    #expect(report.problems.allSatisfy { $0.detail.contains("--rebuild-catalog") })
  }
}
