// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import Dispatch
import GRDB
import Glibc
import LinuxFiles
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("P8: the store is self-describing")
struct RecoveryTests {
  /// What a user can see of a store.
  struct Picture: Equatable {
    var histories: [HistoryRecord] = []
    var checkpoints: [CheckpointRecord] = []
    var tags: [TagRecord] = []
    var entries: [EntryRecord] = []

    init(_ path: FilePath) throws {
      let store = try Store(at: path)
      for history in try store.histories() {
        histories.append(
          HistoryRecord(id: history.id, name: history.name, changed: Timestamp(nanoseconds: 0)))
        checkpoints += try store.checkpoints(of: history)
        tags += try store.tags(of: history)
        for checkpoint in try store.checkpoints(of: history) {
          try store.forEachEntry(of: checkpoint) { entries.append($0) }
        }
      }
    }
  }

  private func removeCatalog(of path: FilePath) throws {
    for suffix in ["", "-wal", "-shm"] {
      try FileSystemCalls.unlinkIfPresent(
        FilePath(path.appending("catalog.sqlite").string + suffix))
    }
  }

  private func filled() throws -> (ScratchDirectory, FilePath) {
    let fixture = try StoreFixture()
    try fixture.commit(
      try fixture.source("a", ["1.sst": "one", "CURRENT": "c", "2.sst": "two"]), tag: "first")
    try fixture.commit(try fixture.source("b", ["1.sst": "one", "CURRENT": "c"]))
    try fixture.commit(try fixture.source("c", ["3.sst": "three"]))
    try fixture.commit(try fixture.source("d", ["1.sst": "one"]), to: "payments", number: 7)
    let history = try fixture.store.history(named: HistoryName("orders"))
    try fixture.store.tag(fixture.checkpoint("orders/chk-3"), as: TagName("gone"))
    try fixture.store.untag(TagName("gone"), of: history)
    try fixture.store.drop([fixture.checkpoint("orders/chk-2")], force: false)
    try fixture.store.rename(history, to: HistoryName("renamed"))
    return (fixture.scratch, fixture.path)
  }

  @Test("a rebuilt catalog has every checkpoint, entry, count, tag and time of the lost one")
  func rebuild() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    try removeCatalog(of: path)
    let missing = #expect(throws: StoreError.self) { try Store(at: path) }
    #expect(missing?.code == .damaged)
    #expect(try Store.rebuildCatalog(at: path).problems.isEmpty)
    #expect(try Picture(path) == before)
    let store = try Store(at: path)
    #expect(try store.check(readData: true, repair: false).problems.isEmpty)
    _ = try store.collectGarbage()
    #expect(try store.check(readData: true, repair: false).problems.isEmpty)
    withExtendedLifetime(scratch) {}
  }

  @Test("a catalog of another format is refused, and made anew when asked")
  func otherFormat() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    let catalog = try DatabaseQueue(path: path.appending("catalog.sqlite").string)
    try catalog.write { try $0.execute(sql: "PRAGMA user_version = 1") }
    try catalog.close()
    let error = #expect(throws: StoreError.self) { try Store(at: path) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("has format 1") == true)
    #expect(try Store.rebuildCatalog(at: path).problems.isEmpty)
    #expect(try Picture(path) == before)
    withExtendedLifetime(scratch) {}
  }

  @Test("a rebuilt store goes on: new checkpoints, no id or number used twice")
  func goesOn() throws {
    let (scratch, path) = try filled()
    try removeCatalog(of: path)
    _ = try Store.rebuildCatalog(at: path)
    let store = try Store(at: path)
    let before = try store.checkpoint(CheckpointSelector("renamed/latest"))
    guard case .pending(let pending) = try store.begin(HistoryName("renamed")) else {
      Issue.record("a new number was used before")
      return
    }
    let entries = try pending.ingest([])
    let new = try pending.complete(entries, owner: Ownership(user: 0, group: 0)).checkpoint
    #expect(new.number.rawValue == 4)
    #expect(new.id > before.id)
    #expect(throws: StoreError.self) {
      _ = try store.begin(HistoryName("renamed"), number: CheckpointNumber(rawValue: 2))
    }
    withExtendedLifetime(scratch) {}
  }

  @Test("ids are used once also where nothing is left of what came between two rebuilds")
  func rebuiltAgain() throws {
    let (scratch, path) = try filled()
    var given: Set<TagID> = []
    for _ in 0..<3 {
      try removeCatalog(of: path)
      _ = try Store.rebuildCatalog(at: path)
      let store = try Store(at: path)
      let checkpoint = try store.checkpoint(CheckpointSelector("renamed/latest"))
      let history = try #require(try store.histories().first { $0.id == checkpoint.history })
      let tag = try store.tag(checkpoint, as: TagName("fleeting"))
      #expect(given.insert(tag.id).inserted)
      try store.untag(tag.name, of: history)
    }
    withExtendedLifetime(scratch) {}
  }

  @Test("a file of ids that cannot be used is told by fsck, and a rebuild writes it anew")
  func unusableIDs() throws {
    let (scratch, path) = try filled()
    try removeCatalog(of: path)
    _ = try Store.rebuildCatalog(at: path)
    let file = path.appending("ids")
    let bytes = try FileSystemCalls.contents(of: file, limit: 4096)
    try FileSystemCalls.write(file, options: [.truncate]) {
      try $0.write(all: bytes.dropLast(9), path: file)
    }
    #expect(
      try Store(at: path).check(readData: false, repair: false).problems.map(\.path) == ["ids"])
    let told = try Store.rebuildCatalog(at: path).problems
    #expect(told.map(\.path) == ["ids"])
    #expect(told.first?.detail.contains("it was written anew: mount anew") == true)
    #expect(try FileSystemCalls.contents(of: file, limit: 4096) == bytes)
    #expect(try Store(at: path).check(readData: false, repair: false).isClean)
    withExtendedLifetime(scratch) {}
  }

  @Test("a content that is lost is told, and the rest of its checkpoint stays readable")
  func lostBlob() throws {
    let (scratch, path) = try filled()
    let digest = Digest(hashing: Array("two".utf8))
    let shelf = path.appending("blobs").appending(String(digest.hexadecimal.prefix(2)))
    for name in try shelf.names where name.hasPrefix(digest.hexadecimal) {
      try FileSystemCalls.unlink(shelf.appending(name))
    }
    try removeCatalog(of: path)
    let report = try Store.rebuildCatalog(at: path)
    #expect(report.problems.map(\.kind) == [.missingBlob])
    #expect(report.problems.first?.checkpoints.map(\.description) == ["renamed/chk-1"])
    let store = try Store(at: path)
    #expect(try store.open(Digest(hashing: Array("one".utf8))) != nil)
    #expect(throws: StoreError.self) { try store.open(digest) }
    withExtendedLifetime(scratch) {}
  }

  @Test("a catalog is not replaced beneath somebody who uses it")
  func inUse() throws {
    let (scratch, path) = try filled()
    let store = try Store(at: path)
    let error = #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    #expect(error?.code == .busy)
    #expect(try store.histories().count == 2)
    withExtendedLifetime(scratch) {}
  }

  @Test("a catalog is made anew beside others who look for it again and again")
  func lookedFor() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    let ended = DispatchSemaphore(value: 0)
    let isOver = Atomic(false)
    DispatchQueue(label: "others").async {
      while !isOver.load(ordering: .relaxed) {
        // Also while there is none, and while it is being made.
        _ = try? Store(at: path)
        usleep(1_000)
      }
      ended.signal()
    }
    let rebuilt = Result {
      for _ in 1...10 {
        try removeCatalog(of: path)
        _ = try Store.rebuildCatalog(at: path)
      }
    }
    isOver.store(true, ordering: .relaxed)
    ended.wait()
    try rebuilt.get()
    #expect(try Picture(path) == before)
    withExtendedLifetime(scratch) {}
  }

  @Test("fsck tells a missing, a truncated and a rotten blob apart, and whom each hurts")
  func fsck() throws {
    let fixture = try StoreFixture()
    try fixture.commit(try fixture.source("a", ["1.sst": "one", "2.sst": "two", "3.sst": "six"]))
    func blob(_ text: String) throws -> FilePath {
      let digest = Digest(hashing: Array(text.utf8)).hexadecimal
      let shelf = fixture.path.appending("blobs").appending(String(digest.prefix(2)))
      return shelf.appending(try #require(try shelf.names.first { $0.hasPrefix(digest) }))
    }
    let time = try blob("six").status.modified
    try FileSystemCalls.unlink(blob("one"))
    try blob("two").write("t")
    try blob("six").write("sax")
    try blob("six").setModified(time)
    let quick = try fixture.store.check(readData: false, repair: false).problems
    #expect(Set(quick.map(\.kind)) == [.missingBlob, .changedBlob])
    let thorough = try fixture.store.check(readData: true, repair: false).problems
    #expect(Set(thorough.map(\.kind)) == [.missingBlob, .changedBlob, .corruptBlob])
    #expect(thorough.allSatisfy { $0.checkpoints.map(\.description) == ["orders/chk-1"] })
  }

  @Test("a blob that was only touched is refused until fsck has read it and put it right (P9)")
  func touched() throws {
    let fixture = try StoreFixture()
    let files = try fixture.source("a", ["1.sst": "one"])
    try fixture.commit(files, policy: .link)
    let digest = Digest(hashing: Array("one".utf8))
    try files[0].location.setModified(1)
    #expect(throws: StoreError.self) { try fixture.store.open(digest) }
    #expect(try !fixture.store.check(readData: true, repair: false).isClean)
    let report = try fixture.store.check(readData: false, repair: true)
    #expect(report.isClean)
    #expect(report.repaired.map(\.kind) == [.changedBlob])
    #expect(try fixture.store.open(digest) != nil)
  }

  @Test("another owner or mode of a linked blob is told, and is no damage")
  func changedAccess() throws {
    let fixture = try StoreFixture()
    let files = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    try files[0].location.setPermissions(0o640)
    try fixture.commit(files, policy: .link)
    try fixture.commit(files, policy: .link)
    #expect(try fixture.store.check(readData: false, repair: false).notices.isEmpty)
    try files[0].location.setPermissions(0o600)
    let report = try fixture.store.check(readData: true, repair: true)
    #expect(report.isClean && report.repaired.isEmpty)
    let notice = try #require(report.notices.first)
    #expect(report.notices.count == 1 && notice.kind == .changedAccess)
    #expect(notice.path.contains(Digest(hashing: Array("one".utf8)).hexadecimal))
    #expect(notice.checkpoints.map(\.description) == ["orders/chk-1", "orders/chk-2"])
    #expect(notice.detail.contains("with mode 0600 instead of"))
    try files[0].location.setPermissions(0o640)
    #expect(try fixture.store.check(readData: false, repair: false).notices.isEmpty)
  }

  @Test("one notice tells of all files that have changed in one way, and what puts them right")
  func changedAccessOfMany() throws {
    let fixture = try StoreFixture()
    let files = try fixture.source(
      "a", Dictionary(uniqueKeysWithValues: (0..<9).map { ("\($0).sst", "content \($0)") }))
    try fixture.commit(Array(files.prefix(6)), policy: .link)
    try fixture.commit(Array(files.suffix(6)), to: "users", policy: .link)
    func check() throws -> [Notice] {
      let report = try fixture.store.check(readData: false, repair: false)
      #expect(report.isClean)
      return report.notices
    }
    for file in files { try file.location.setPermissions(0o640) }
    let notice = try #require(check().first)
    #expect(try check().count == 1 && notice.kind == .changedAccess)
    #expect(Set([notice.path] + notice.others).count == 9)
    #expect(notice.checkpoints.map(\.description) == ["orders/chk-1", "users/chk-1"])
    #expect(notice.detail.hasPrefix("the files of 9 blobs, as this one, belong to "))
    #expect(
      notice.detail.contains("; 'chmod 0644' puts them right; '--json' lists them as 'paths'"))
    // Another change is another notice.
    try files[0].location.setPermissions(0o600)
    let notices = try check()
    #expect(notices.map(\.others.count).sorted() == [0, 7])
    #expect(notices.contains { $0.detail.hasSuffix("; 'chmod 0644' puts it right") })
    for path in notices.flatMap({ [$0.path] + $0.others }) {
      try fixture.path.appending(path).setPermissions(0o644)
    }
    #expect(try check().isEmpty)
  }

  @Test(
    "a blob that the store's owner cannot read any more is told as that",
    .enabled(if: getuid() == 0, "only root may give files away"))
  func lostAccess() throws {
    let fixture = try StoreFixture()
    let files = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    // Whoever could not read it before has lost nothing.
    try files[1].location.setPermissions(0o600)
    try fixture.commit(files, policy: .link)
    try fixture.path.setOwner(user: 1234, group: 1234)
    try files[0].location.setPermissions(0o640)
    try files[1].location.setPermissions(0o400)
    let notices = try fixture.store.check(readData: false, repair: false).notices
    #expect(Set(notices.map(\.kind)) == [.lostAccess, .changedAccess])
    let lost = try #require(notices.first { $0.kind == .lostAccess })
    #expect(lost.path.contains(Digest(hashing: Array("one".utf8)).hexadecimal))
    #expect(lost.detail.contains("user 1234, who owns the store, cannot read it any more"))
  }

  @Test(
    "a rebuilt catalog gives a linked file the owner that it has, and a copied one that of its checkpoint",
    .enabled(if: getuid() == 0, "only root may give files away"))
  func rebuiltOwners() throws {
    let (scratch, path) = try {
      let fixture = try StoreFixture()
      let linked = try fixture.source("a", ["1.sst": "one"])
      // As RocksDB leaves it: what it wrote last gave the file its time.
      try linked[0].location.write("one")
      try linked[0].location.setOwner(user: 1001, group: 1002)
      try fixture.commit(linked, policy: .link)
      let copied = try fixture.source("b", ["2.sst": "two"])
      try copied[0].location.setOwner(user: 1003, group: 1004)
      let pending = try fixture.begin("orders")
      let entries = try pending.ingest(copied, policy: .copy)
      _ = try pending.complete(entries, owner: Ownership(user: 1003, group: 1004))
      return (fixture.scratch, fixture.path)
    }()
    func owners() throws -> [Ownership?] {
      let source = try StoreSource(at: path)
      return try ["one", "two"].map {
        try source.sharedFile(SharedInode(Digest(hashing: Array($0.utf8))))?.owner
      }
    }
    let before = try owners()
    #expect(before == [Ownership(user: 1001, group: 1002), Ownership(user: 1003, group: 1004)])
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try owners() == before)
    withExtendedLifetime(scratch) {}
  }

  @Test("a rebuilt catalog takes the owner and mode of each file as it finds them")
  func rebuiltAccess() throws {
    let (scratch, path) = try {
      let fixture = try StoreFixture()
      let files = try fixture.source("a", ["1.sst": "one", "CURRENT": "c"])
      try fixture.commit(files, policy: .link)
      try files[0].location.setPermissions(0o600)
      return (fixture.scratch, fixture.path)
    }()
    #expect(try Store(at: path).check(readData: false, repair: false).notices.count == 1)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try Store(at: path).check(readData: false, repair: false).notices.isEmpty)
    withExtendedLifetime(scratch) {}
  }

  @Test("fsck finds missing, damaged and stray manifests, and writes anew what must be there")
  func manifests() throws {
    let fixture = try StoreFixture()
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]), tag: "t")
    try fixture.commit(try fixture.source("b", ["1.sst": "two"]))
    let manifests = fixture.path.appending("manifests").appending("1")
    try FileSystemCalls.unlink(manifests.appending("chk-1"))
    try manifests.appending("tag-t").write("rubbish")
    try manifests.appending("chk-9").write("rubbish")
    let report = try fixture.store.check(readData: false, repair: false)
    #expect(Set(report.problems.map(\.kind)) == [.missingManifest, .wrongManifest, .strayManifest])
    let repaired = try fixture.store.check(readData: false, repair: true)
    #expect(Set(repaired.repaired.map(\.kind)) == [.missingManifest, .wrongManifest])
    #expect(repaired.problems.map(\.kind) == [.strayManifest])
    try FileSystemCalls.unlink(manifests.appending("chk-9"))
    try fixture.expectSound()
  }

  @Test(
    "a lost marker is told with what to write, and neither init nor a rebuild harms what is there")
  func lostMarker() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    let marker = path.appending("ckptfs-store")
    let text = try marker.read()
    try FileSystemCalls.unlink(marker)
    let opened = #expect(throws: StoreError.self) { try Store(at: path) }
    let made = #expect(throws: StoreError.self) { try Store.create(at: path) }
    for error in [opened, made] {
      #expect(error?.code == .damaged)
      #expect(error?.message.contains("ckptfs store 1") == true)
    }
    try marker.write("ckptfs store 1\nid 00000000000000000000000000000000\n")
    let report = try Store.rebuildCatalog(at: path)
    #expect(!report.isClean && report.problems.allSatisfy { $0.kind == .strayManifest })
    let collected = #expect(throws: StoreError.self) { try Store(at: path).collectGarbage() }
    #expect(collected?.code == .refused)
    try marker.write(text)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try Picture(path) == before)
    withExtendedLifetime(scratch) {}
  }

  @Test("a rebuild leaves out what is not what its name says, and tells it")
  func strayFiles() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    let manifests = path.appending("manifests")
    try manifests.appending("1/chk-1.bak").write(manifests.appending("1/chk-1").read())
    try manifests.appending("1/chk-8").write(manifests.appending("1/chk-1").read())
    try FileSystemCalls.makeDirectory(manifests.appending("1/chk-9"))
    try manifests.appending("README").write("not ours")
    try path.appending("blobs/README").write("not ours")
    try removeCatalog(of: path)
    let report = try Store.rebuildCatalog(at: path)
    #expect(report.problems.map(\.kind) == Array(repeating: .strayManifest, count: 4))
    #expect(try Picture(path) == before)
    withExtendedLifetime(scratch) {}
  }

  @Test(
    "whatever a crash leaves of putting a rebuilt catalog in place, a rebuild ends with all there",
    arguments: ["", "-wal"])
  func replacedHalf(_ suffix: String) throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    let catalog = path.appending("catalog.sqlite").string
    for moved in ["", "-wal"] {
      if try FilePath(catalog + moved).exists {
        try FileSystemCalls.rename(
          FilePath(catalog + moved), to: FilePath(catalog + ".replaced" + moved))
      }
      if moved == suffix { break }
    }
    let error = #expect(throws: StoreError.self) { try Store(at: path) }
    #expect(error?.code == .damaged)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try Picture(path) == before)
    withExtendedLifetime(scratch) {}
  }

  @Test(
    "a page's file that is lost or damaged is put right by the next commit that relies on it, and by fsck"
  )
  func lostPages() throws {
    let fixture = try StoreFixture()
    let files = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    try fixture.commit(files)
    func damagePages() throws -> Int {
      var damaged = 0
      for shelf in try fixture.path.appending("blobs").names {
        for name in try fixture.path.appending("blobs/\(shelf)").names {
          let path = fixture.path.appending("blobs/\(shelf)/\(name)")
          guard try path.read().starts(with: Array("ckptfs page".utf8)) else { continue }
          if damaged % 2 == 0 { try FileSystemCalls.unlink(path) } else { try path.write("x") }
          damaged += 1
        }
      }
      return damaged
    }
    #expect(try damagePages() > 0)
    let found = try fixture.store.check(readData: false, repair: false).problems
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.checkpoints.map(\.description) == ["orders/chk-1"] })
    try fixture.commit(files)
    #expect(try fixture.store.check(readData: true, repair: false).isClean)
    #expect(try damagePages() > 0)
    let repair = try fixture.store.check(readData: false, repair: true)
    #expect(repair.isClean && !repair.repaired.isEmpty)
    try fixture.expectSound()
  }

  @Test(
    "fsck finds drifted counts, lost pages and dangling rows without stumbling over them (P3)",
    arguments: [
      "UPDATE page SET refs = refs + 1", "DELETE FROM page_text", "UPDATE page_blob SET times = 2",
      "DELETE FROM page_blob", "INSERT INTO page_blob SELECT blob, 999, 1 FROM page_blob",
      "UPDATE checkpoint SET files = files + 1", "DELETE FROM checkpoint_page",
      "DELETE FROM blob WHERE kind = 1", "UPDATE page_text SET content = x'00'",
    ])
  func brokenCatalog(_ sql: String) throws {
    let scratch: ScratchDirectory
    let path: FilePath
    do {
      let fixture = try StoreFixture()
      try fixture.commit(try fixture.source("a", ["1.sst": "one", "CURRENT": "c"]))
      (scratch, path) = (fixture.scratch, fixture.path)
    }
    try SQLite.run("PRAGMA foreign_keys = OFF; " + sql, in: path.appending("catalog.sqlite"))
    let report = try Store(at: path).check(readData: false, repair: false)
    #expect(report.problems.contains { $0.kind == .damagedCatalog }, "\(sql)")
    withExtendedLifetime(scratch) {}
  }

  @Test("what a rebuild keeps of the old catalog has no log of one that an earlier rebuild kept")
  func keptLog() throws {
    let (scratch, path) = try filled()
    let kept = path.appending("catalog.sqlite.replaced")
    for suffix in ["", "-wal", "-shm"] { try FilePath(kept.string + suffix).write("older") }
    #expect(try !FilePath(path.appending("catalog.sqlite").string + "-wal").exists)
    let old = try path.appending("catalog.sqlite").read()
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try kept.read() == old)
    for name in try path.names where name.hasPrefix("catalog.sqlite.replaced") {
      #expect(try path.appending(name).read() != Array("older".utf8))
    }
    withExtendedLifetime(scratch) {}
  }

  @Test("a new catalog is not rolled back by the journal of the old one, which is kept with it")
  func oldJournal() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    try removeCatalog(of: path)
    let catalog = path.appending("catalog.sqlite").string
    // SQLite has a journal, too: until a catalog that was made anew has its log, and in a database that is none of ours.
    let other = try DatabaseQueue(path: catalog)
    let journal = try other.writeWithoutTransaction { db in
      try db.execute(
        sql: """
          CREATE TABLE other (value);
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
          INSERT INTO other SELECT randomblob(3000) FROM n;
          PRAGMA cache_size = 1;
          BEGIN IMMEDIATE;
          UPDATE other SET value = randomblob(3000);
          """)
      let journal = try FilePath(catalog + "-journal").read()
      try db.execute(sql: "ROLLBACK")
      return journal
    }
    try other.close()
    try FilePath(catalog + "-journal").write(journal)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try Picture(path) == before)
    #expect(try FilePath(catalog + ".replaced-journal").read() == journal)
    withExtendedLifetime(scratch) {}
  }

  @Test("numbers that leave none for new ones are refused by a rebuild, and nothing is changed")
  func exhaustedNumbers() throws {
    let (scratch, path) = try filled()
    let before = try Picture(path)
    let shelf = path.appending("blobs").appending("00")
    let stray = shelf.appending("\(String(repeating: "0", count: 64))-\(Int64.max)")
    try stray.write("")
    let blob = #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    #expect(blob?.code == .refused && blob?.message.contains("\(Int64.max)") == true)
    try FileSystemCalls.unlink(stray)
    let id = Int64(1 << 34 - 1)
    let manifest = path.appending("manifests/1/chk-1")
    let text = try manifest.read()
    let old = try Manifest(decoding: text)
    let checkpoint = CheckpointRecord(
      id: CheckpointID(rawValue: id), history: old.checkpoint.history,
      number: old.checkpoint.number, completed: old.checkpoint.completed,
      owner: old.checkpoint.owner, files: old.checkpoint.files,
      fullBytes: old.checkpoint.fullBytes, newBytes: old.checkpoint.newBytes)
    try manifest.write(
      Manifest(store: old.store, checkpoint: checkpoint, pages: old.pages).encoded)
    let error = #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    #expect(error?.code == .refused && error?.message.contains("\(id)") == true)
    try manifest.write(text)
    #expect(try Picture(path) == before)
    withExtendedLifetime(scratch) {}
  }
}
