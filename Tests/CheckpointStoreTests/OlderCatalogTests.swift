// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("P8: an older catalog that is put back takes nothing away")
struct OlderCatalogTests {
  private let scratch: ScratchDirectory
  private let path: FilePath
  private var catalog: FilePath { path.appending("catalog.sqlite") }

  /// Two histories of one checkpoint each.
  init() throws {
    let fixture = try StoreFixture()
    try fixture.commit(try fixture.source("a", ["1.sst": "one", "CURRENT": "c"]), policy: .copy)
    try fixture.commit(
      try fixture.source("b", ["1.sst": "two"]), to: "others", tag: "keep", policy: .copy)
    (scratch, path) = (fixture.scratch, fixture.path)
  }

  /// Opens the store for a moment: a catalog is not exchanged while somebody has it open.
  private func with<Result>(_ body: (StoreFixture) throws -> Result) throws -> Result {
    try body(StoreFixture(path, in: scratch))
  }

  private func commit(_ text: String, to history: String, tag: String? = nil) throws {
    try with { fixture in
      let files = try fixture.source(
        "\(text)-\(UInt32.random(in: .min ... .max))", ["1.sst": text, "2.sst": "\(text)2"])
      try fixture.commit(files, to: history, tag: tag, policy: .copy)
    }
  }

  private func catalogNow() throws -> [UInt8] {
    try FileSystemCalls.contents(of: catalog, limit: 1 << 26)
  }

  private func removeCatalog() throws {
    for suffix in ["", "-wal", "-shm"] {
      try FileSystemCalls.unlinkIfPresent(FilePath(catalog.string + suffix))
    }
  }

  /// - Parameter isCounted: whether the count of changes is there still, as it is not where a store was copied while it was in use,
  ///   or has lost it with its power.
  private func putBack(_ older: [UInt8], isCounted: Bool = true) throws {
    try removeCatalog()
    try catalog.write(older)
    if !isCounted { try FileSystemCalls.unlink(path.appending("changes")) }
  }

  /// All manifests, by path.
  private func manifests() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    let directory = path.appending("manifests")
    for history in try directory.names {
      for name in try directory.appending(history).names {
        let file = directory.appending(history).appending(name)
        found["\(history)/\(name)"] = try file.status.kind == .regular ? file.read() : []
      }
    }
    return found
  }

  private func expectRefusal(
    _ what: Comment, at location: SourceLocation = #_sourceLocation,
    _ body: (StoreFixture) throws -> Void
  ) throws {
    let error = #expect(throws: StoreError.self, what, sourceLocation: location) {
      try with(body)
    }
    #expect(
      error?.code == .damaged && error?.message.contains("--rebuild-catalog") == true, what,
      sourceLocation: location)
  }

  @Test(
    "whatever would change the store is refused until it is rebuilt, and changes nothing",
    arguments: [true, false])
  func refused(_ isCounted: Bool) throws {
    let pending = try with { fixture in
      try fixture.store.begin(HistoryName("sharded"), shards: [ShardName("x")], for: .seconds(600))
        .pending.reference
    }
    let older = try catalogNow()
    try with { fixture in
      let files = try fixture.source("x", ["1.sst": "x"])
      guard case .pending(let shard) = try fixture.store.begin(ShardName("x"), of: pending) else {
        throw Unexpected(what: "it was committed before")
      }
      let entries = try shard.ingest(files, of: scratch.path.appending("x"), policy: .copy)
      _ = try shard.commit(entries, owner: Ownership(user: 0, group: 0))
    }
    for text in ["n", "o", "p"] { try commit(text, to: "orders") }
    try with { try $0.store.drop([$0.checkpoint("orders/chk-2")], force: false) }
    let before = try manifests()
    try putBack(older, isCounted: isCounted)
    for history in ["orders", "others", "strangers"] {
      // More often than there are numbers that it does not know.
      for _ in 0..<5 {
        try expectRefusal("a commit to \(history)") { _ = try $0.begin(history) }
        try expectRefusal("shards of \(history)") {
          _ = try $0.store.begin(
            HistoryName(history), shards: [ShardName("y")], for: .seconds(60))
        }
      }
    }
    try expectRefusal("a chosen number") { _ = try $0.begin("orders", number: 77) }
    try expectRefusal("a shard of what is complete") {
      _ = try $0.store.begin(ShardName("x"), of: pending)
    }
    try expectRefusal("a collection") { _ = try $0.store.collectGarbage() }
    try expectRefusal("a tag") {
      try $0.store.tag($0.checkpoint("orders/chk-1"), as: TagName("t"))
    }
    let others = try HistoryName("others")
    try expectRefusal("a tag that goes") {
      try $0.store.untag(TagName("keep"), of: $0.store.history(named: others))
    }
    try expectRefusal("another name") {
      try $0.store.rename($0.store.history(named: others), to: HistoryName("more"))
    }
    try expectRefusal("a drop") {
      try $0.store.drop([$0.checkpoint("orders/chk-1")], force: true)
    }
    #expect(try manifests() == before)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    for history in ["orders", "others", "strangers"] { try commit("q", to: history) }
    try with { fixture in
      try fixture.expectSound()
      #expect(try fixture.checkpoint("orders/latest").number.rawValue == 5)
      #expect(try fixture.entries("sharded/chk-1").count == 2)
    }
  }

  @Test("one of before a rebuild is known as older, too")
  func olderThanRebuilt() throws {
    let older = try catalogNow()
    try commit("n", to: "orders")
    try removeCatalog()
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try putBack(older)
    try expectRefusal("a commit") { _ = try $0.begin("others") }
  }

  @Test(
    "what a rebuild has left out keeps nobody from going on",
    arguments: ["page", "history", "cut", "directory"])
  func leftOut(_ loss: String) throws {
    let manifest = path.appending("manifests/1/chk-1")
    switch loss {
    case "page":
      let page = try #require(try Manifest(decoding: manifest.read()).pages.first)
      let shelf = path.appending("blobs/\(page.hexadecimal.prefix(2))")
      for name in try shelf.names where name.hasPrefix(page.hexadecimal) {
        try FileSystemCalls.unlink(shelf.appending(name))
      }
    case "history": try FileSystemCalls.unlink(path.appending("manifests/1/history"))
    case "cut": try manifest.write(Array(manifest.read().dropLast(10)))
    default:
      try FileSystemCalls.unlink(manifest)
      try FileSystemCalls.makeDirectory(manifest)
    }
    try removeCatalog()
    let report = try Store.rebuildCatalog(at: path)
    #expect(!report.isClean)
    // What may be done about it is said.
    #expect(report.problems.allSatisfy { $0.detail.contains("put") }, "\(report.problems)")
    let left = try manifests()
    for history in ["orders", "others", "strangers"] { try commit("n", to: history) }
    try with { fixture in
      // It may need what nobody else does any more.
      let error = #expect(throws: StoreError.self) { try fixture.store.collectGarbage() }
      #expect(error?.code == .refused && error?.message.contains("\(manifest)") == true)
      let entries = try fixture.entries("strangers/latest")
      #expect(entries.count == 2)
    }
    let now = try manifests()
    #expect(left.filter { $0.key == "1/chk-1" } == now.filter { $0.key == "1/chk-1" })
    try FileSystemCalls.removeTree(manifest)
    try with { fixture in
      _ = try fixture.store.collectGarbage()
      #expect(try fixture.entries("strangers/latest").count == 2)
    }
  }

  @Test(
    "what has the id of another, since an older catalog gave it again, is there after a rebuild")
  func givenTwice() throws {
    // So that the numbers differ of what gets the same id.
    try commit("more", to: "orders")
    let older = try catalogNow()
    try commit("first", to: "orders", tag: "t")
    // Hidden from the older catalog, which takes it for the latest.
    let (news, hidden) = (path.appending("manifests/1"), scratch.path.appending("hidden"))
    let manifest = news.appending("chk-3")
    try FileSystemCalls.makeDirectory(hidden)
    for name in ["chk-3", "tag-t"] {
      try FileSystemCalls.rename(news.appending(name), to: hidden.appending(name))
    }
    try putBack(older, isCounted: false)
    try commit("second", to: "others", tag: "t")
    for name in ["chk-3", "tag-t"] {
      try FileSystemCalls.rename(hidden.appending(name), to: news.appending(name))
    }
    let (second, tag) = (
      path.appending("manifests/2/chk-2"), path.appending("manifests/2/tag-t")
    )
    let ids = try [manifest, second].map { try Manifest(decoding: $0.read()).checkpoint.id }
    let oldTag = try tag.read()
    try #require(ids[0] == ids[1])
    let names = try path.appending("blobs").names.flatMap {
      try path.appending("blobs").appending($0).names.compactMap { BlobName($0) }
    }
    try #require(Set(names.map(\.incarnation)).count < names.count)
    // Again, the same comes out; and where the tag was not written anew, since the process was killed. Other problems leave
    // needless files where they are, but no more of them each time.
    for turn in 0..<4 {
      try removeCatalog()
      if turn == 1 { try tag.write(oldTag) }
      let report = try Store.rebuildCatalog(at: path)
      #expect(report.problems == [])
      try with { fixture in
        let report = try fixture.store.check(readData: true, repair: false)
        #expect(report.problems == [])
        for (history, number, text) in [("orders", 3, "first"), ("others", 2, "second")] {
          let checkpoint = try fixture.checkpoint("\(history)/chk-\(number)")
          #expect(try fixture.checkpoint("\(history)/tags/t") == checkpoint)
          let entry = try fixture.entries("\(history)/tags/t")["1.sst"]?.entry
          #expect(entry?.content?.digest == Digest(hashing: Array(text.utf8)))
        }
      }
    }
    #expect(try Manifest(decoding: manifest.read()).checkpoint.id == ids[0])
    try with { fixture in
      _ = try fixture.store.collectableGarbage()
      try fixture.expectSound()
    }
    try commit("third", to: "orders")
    try with { try $0.expectSound() }
  }

  @Test("a file that is found under a new name is not found under another with each rebuild")
  func namedOnce() throws {
    let shelves = path.appending("blobs")
    let names = try shelves.names.flatMap {
      try shelves.appending($0).names.compactMap { BlobName($0) }
    }.sorted { $0.description < $1.description }
    // Both as if an older catalog had given one incarnation twice.
    let (one, other) = (names[0], names[1])
    let shelf = shelves.appending(String(other.description.prefix(2)))
    let twice = BlobName(digest: other.digest, incarnation: one.incarnation)
    try FileSystemCalls.rename(
      shelf.appending(other.description), to: shelf.appending(twice.description))
    // Something else is wrong, so that nothing needless is removed.
    try path.appending("manifests/1/chk-9").write("no manifest")
    func count() throws -> Int {
      try shelves.names.reduce(0) { try $0 + shelves.appending($1).names.count }
    }
    for _ in 0..<3 {
      try removeCatalog()
      #expect(try Store.rebuildCatalog(at: path).problems.map(\.kind) == [.strayManifest])
      #expect(try count() == names.count + 1)
    }
    try FileSystemCalls.unlink(path.appending("manifests/1/chk-9"))
    try removeCatalog()
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try with { try $0.expectSound() }
    #expect(try count() == names.count)
  }

  @Test(
    "a manifest that says nothing is not written over by an older catalog either",
    arguments: [true, false])
  func unusable(_ isCounted: Bool) throws {
    let older = try catalogNow()
    try commit("n", to: "orders")
    let manifest = path.appending("manifests/1/chk-2")
    try manifest.write(Array(manifest.read().dropLast(3)))
    try putBack(older, isCounted: isCounted)
    try expectRefusal("a commit") { _ = try $0.begin("orders") }
    try expectRefusal("a repair") { _ = try $0.store.check(readData: false, repair: true) }
  }

  @Test(
    "an older catalog does not do again what it had still to do, be it opened to read",
    arguments: [true, false])
  func olderOutbox(_ isCounted: Bool) throws {
    try with { fixture in
      let others = try fixture.store.history(named: HistoryName("others"))
      try fixture.store.catalog.untag(
        TagName("keep"), of: others, now: Timestamp(nanoseconds: 1))
    }
    // As it is without a replay.
    let older = try catalogNow()
    try with { _ in }
    try commit("n", to: "others", tag: "keep")
    let before = try manifests()
    try putBack(older, isCounted: isCounted)
    #expect(try with { try $0.store.histories().count } == 2)
    #expect(try manifests() == before)
  }

  @Test("it is known as older, too, after a rebuild that failed", arguments: [true, false])
  func failedRebuild(_ isCounted: Bool) throws {
    let older = try catalogNow()
    try commit("n", to: "orders")
    try putBack(older, isCounted: isCounted)
    let before = try manifests()
    // Where the old catalog is to go, and cannot.
    let replaced = path.appending("catalog.sqlite.replaced")
    try FileSystemCalls.makeDirectory(replaced)
    #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    try expectRefusal("a commit") { _ = try $0.begin("orders") }
    #expect(try manifests() == before)
    try FileSystemCalls.removeDirectory(replaced)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try commit("o", to: "orders")
  }

  @Test("a rebuild that failed refuses nobody who has the right catalog")
  func failedBesideTheRight() throws {
    let page = try #require(
      try Manifest(decoding: path.appending("manifests/1/chk-1").read()).pages.first)
    let shelf = path.appending("blobs/\(page.hexadecimal.prefix(2))")
    for name in try shelf.names where name.hasPrefix(page.hexadecimal) {
      try FileSystemCalls.unlink(shelf.appending(name))
    }
    try removeCatalog()
    #expect(try !Store.rebuildCatalog(at: path).isClean)
    try commit("n", to: "others")
    try FileSystemCalls.makeDirectory(path.appending("catalog.sqlite.replaced"))
    #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    try commit("o", to: "others")
  }

  @Test("one that has a tag on another checkpoint drops nothing, nor puts the tag back")
  func movedTag() throws {
    for text in ["n", "o"] { try commit(text, to: "orders") }
    try with { fixture in
      _ = try fixture.store.catalog.tag(
        fixture.checkpoint("orders/chk-1"), as: TagName("t"), now: Timestamp(nanoseconds: 1))
    }
    // Its tag is still to be written.
    let older = try catalogNow()
    try with { fixture in
      let orders = try fixture.store.history(named: HistoryName("orders"))
      try fixture.store.untag(TagName("t"), of: orders)
      try fixture.store.tag(fixture.checkpoint("orders/chk-2"), as: TagName("t"))
    }
    let before = try manifests()
    try putBack(older)
    try expectRefusal("a drop") {
      try $0.store.drop([$0.checkpoint("orders/chk-2")], force: false)
    }
    #expect(try manifests() == before)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try with { try $0.checkpoint("orders/tags/t").number.rawValue } == 2)
  }

  @Test("it does not become the newest by what it may do, nor keeps that from being it")
  func countedOn() throws {
    for text in ["n", "o"] { try commit(text, to: "orders") }
    let older = try catalogNow()
    try with { _ = try $0.store.tag($0.checkpoint("orders/chk-2"), as: TagName("t")) }
    // A tag that both have says nothing.
    try with { fixture in
      let orders = try fixture.store.history(named: HistoryName("orders"))
      try fixture.store.untag(TagName("t"), of: orders)
    }
    let (newest, told) = (try catalogNow(), try path.appending("changes").read())
    try putBack(older)
    try with { fixture in
      for turn in 0..<8 {
        let checkpoint = try fixture.checkpoint("orders/chk-1")
        _ = try fixture.store.restore(
          checkpoint, to: scratch.path.appending("out-\(turn)"), mode: .copy)
        _ = try fixture.store.check(readData: true, repair: false)
      }
    }
    #expect(try path.appending("changes").read() == told)
    try expectRefusal("a drop") {
      try $0.store.drop([$0.checkpoint("orders/chk-2")], force: false)
    }
    try expectRefusal("what would be collected") { _ = try $0.store.collectableGarbage() }
    try putBack(newest)
    try commit("p", to: "orders")
    try with { try $0.expectSound() }
  }

  @Test("what a checkpoint needs of which a tag alone is left is not collected")
  func tagOnNothing() throws {
    try commit("n", to: "others")
    try FileSystemCalls.unlink(path.appending("manifests/2/chk-1"))
    try removeCatalog()
    #expect(try !Store.rebuildCatalog(at: path).isClean)
    try with { fixture in
      let error = #expect(throws: StoreError.self) { try fixture.store.collectGarbage() }
      #expect(error?.code == .refused && error?.message.contains("2/tag-keep") == true)
    }
    try FileSystemCalls.unlink(path.appending("manifests/2/tag-keep"))
    try with { _ = try $0.store.collectGarbage() }
  }

  @Test("a store is not made where somebody else has a file of the count's name")
  func foreignCount() throws {
    let directory = try scratch.directory("mine")
    let file = directory.appending("changes")
    try file.write("what I changed today\n")
    let error = #expect(throws: StoreError.self) { try Store.create(at: directory) }
    #expect(error?.code == .refused)
    #expect(try file.read() == Array("what I changed today\n".utf8))
    // Left by a creation that was interrupted.
    for own in ["", "0000000000000000000\n"] {
      let other = try scratch.directory("other-\(own.count)")
      try other.appending("changes").write(own)
      _ = try Store.create(at: other)
    }
  }

  @Test("one whose blobs were repaired since collects and repairs nothing")
  func repaired() throws {
    let older = try catalogNow()
    let shelf = path.appending("blobs/\(Digest(hashing: Array("one".utf8)).hexadecimal.prefix(2))")
    for name in try shelf.names { try FileSystemCalls.unlink(shelf.appending(name)) }
    let options = CheckOptions(repairs: true, sources: [scratch.path.appending("a")])
    let report = try with { try $0.store.check(options) }
    #expect(report.repaired.count == 1)
    let files = try shelf.names
    try putBack(older)
    try expectRefusal("a repair") { _ = try $0.store.check(options) }
    try expectRefusal("a collection") { _ = try $0.store.collectGarbage() }
    #expect(try shelf.names == files)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try with { try $0.expectSound() }
  }

  @Test(
    "one that knows a pending checkpoint of which everything was collected neither completes nor aborts it"
  )
  func collectedShards() throws {
    let names = [try ShardName("x"), try ShardName("y")]
    let pending = try with {
      try $0.store.begin(HistoryName("sharded"), shards: Set(names), for: .seconds(600)).pending
        .reference
    }
    try with { fixture in
      let files = try fixture.source("shard", ["1.sst": "shard's"])
      guard case .pending(let shard) = try fixture.store.begin(names[0], of: pending) else {
        throw Unexpected(what: "it was committed before")
      }
      let entries = try shard.ingest(files, of: scratch.path.appending("shard"), policy: .copy)
      _ = try shard.commit(entries, owner: Ownership(user: 0, group: 0))
    }
    let older = try catalogNow()
    try with { fixture in
      try fixture.store.abort(pending)
      #expect(try fixture.store.collectGarbage().removedBlobs > 0)
    }
    try putBack(older)
    try expectRefusal("the last shard") { _ = try $0.store.begin(names[1], of: pending) }
    try expectRefusal("an abort") { try $0.store.abort(pending) }
  }

  @Test("one of before a rebuild is known as older by its ids, where the count of changes is lost")
  func olderThanRebuiltWithoutCount() throws {
    let older = try catalogNow()
    try removeCatalog()
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try putBack(older, isCounted: false)
    try expectRefusal("a commit") { _ = try $0.begin("others") }
  }

  @Test(
    "a store without a count of changes, or with one that says nothing, is used as ever and gets one",
    arguments: ["", "no number", "00000000000000000x3\n", "12345678901234567890\n"])
  func withoutCount(_ content: String) throws {
    let count = path.appending("changes")
    try FileSystemCalls.unlink(count)
    if !content.isEmpty { try count.write(content) }
    let older = try catalogNow()
    try commit("n", to: "orders")
    try with { try $0.expectSound() }
    #expect(try count.read() != Array(content.utf8))
    #expect(try count.read().count == 20)
    try putBack(older)
    try expectRefusal("a commit") { _ = try $0.begin("orders") }
  }

  @Test("a tag of a checkpoint that a rebuild has left out is not written over")
  func tagOfLeftOut() throws {
    try commit("n", to: "others")
    let manifest = path.appending("manifests/2/chk-1")
    let content = try manifest.read()
    try manifest.write(Array(content.dropLast(10)))
    try removeCatalog()
    #expect(try !Store.rebuildCatalog(at: path).isClean)
    let before = try path.appending("manifests/2/tag-keep").read()
    try with { fixture in
      let error = #expect(throws: StoreError.self) {
        try fixture.store.tag(fixture.checkpoint("others/chk-2"), as: TagName("keep"))
      }
      #expect(error?.code == .exists)
    }
    let error = #expect(throws: StoreError.self) { try commit("o", to: "others", tag: "keep") }
    #expect(error?.code == .exists)
    #expect(try path.appending("manifests/2/tag-keep").read() == before)
    try manifest.write(content)
    #expect(try Store.rebuildCatalog(at: path).isClean)
    #expect(try with { try $0.checkpoint("others/tags/keep").number.rawValue } == 1)
  }

  @Test(
    "what lies in the place of a history's directory is told of, and keeps nobody from anything")
  func noHistory() throws {
    let elsewhere = scratch.path.appending("elsewhere")
    try FileSystemCalls.makeDirectory(elsewhere)
    try elsewhere.appending("chk-1").write("no manifest")
    let directory = path.appending("manifests")
    try FileSystemCalls.makeSymbolicLink(directory.appending("77"), to: elsewhere)
    for name in ["01", "+2", "-3", "x"] {
      try FileSystemCalls.makeDirectory(directory.appending(name))
      try directory.appending(name).appending("chk-1").write("no manifest")
    }
    let strays = Set(["77", "01", "+2", "-3", "x"].map { "manifests/\($0)" })
    func check(_ report: CheckReport) {
      #expect(Set(report.problems.map(\.path)) == strays)
      #expect(report.problems.allSatisfy { $0.detail.contains("move it out") })
    }
    try commit("n", to: "orders")
    try with { check(try $0.store.check(readData: false, repair: false)) }
    try removeCatalog()
    check(try Store.rebuildCatalog(at: path))
    try commit("o", to: "orders")
    try with { _ = try $0.store.collectGarbage() }
  }

  @Test("what lies in quarantine stays while the content is nowhere else")
  func lastInQuarantine() throws {
    let digest = Digest(hashing: Array("one".utf8)).hexadecimal
    let shelf = path.appending("blobs/\(digest.prefix(2))")
    let name = try #require(try shelf.names.first { $0.hasPrefix(digest) })
    let quarantine = path.appending("quarantine")
    try FileSystemCalls.makeDirectory(quarantine)
    try FileSystemCalls.rename(shelf.appending(name), to: quarantine.appending(name))
    try with { _ = try $0.store.collectGarbage() }
    #expect(try quarantine.names == [name])
    try FileSystemCalls.link(quarantine.appending(name), as: shelf.appending(name))
    try with { _ = try $0.store.collectGarbage() }
    #expect(try quarantine.names == [])
  }

  @Test("one that does not know a tag drops nothing", arguments: [true, false])
  func newerTag(_ isCounted: Bool) throws {
    try commit("n", to: "orders")
    let older = try catalogNow()
    _ = try with { try $0.store.tag($0.checkpoint("orders/chk-1"), as: TagName("t")) }
    try putBack(older, isCounted: isCounted)
    try expectRefusal("a drop") {
      try $0.store.drop([$0.checkpoint("orders/chk-1")], force: false)
    }
    #expect(try Store.rebuildCatalog(at: path).isClean)
    try with { fixture in
      let error = #expect(throws: StoreError.self) {
        try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
      }
      #expect(error?.code == .refused)
      // One that is gone is known.
      try fixture.store.untag(TagName("t"), of: fixture.store.history(named: HistoryName("orders")))
    }
    try commit("o", to: "orders")
  }

  @Test(
    "what says nothing, and has a number or an id that is far beyond, is refused until the next rebuild only",
    arguments: ["1/chk-4611686018427387903", "99999999/chk-1"])
  func far(_ name: String) throws {
    let file = path.appending("manifests/\(name)")
    let directory = file.removingLastComponent()
    if try !directory.exists { try FileSystemCalls.makeDirectory(directory) }
    try file.write("no manifest")
    try expectRefusal("a commit") { _ = try $0.begin("others") }
    try removeCatalog()
    #expect(try !Store.rebuildCatalog(at: path).isClean)
    try commit("n", to: "others")
    try commit("n", to: "strangers")
    let strangers = try with { try $0.store.history(named: HistoryName("strangers")) }
    #expect(strangers.id.rawValue > 1000)
  }
}
