// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("P1, P3, P4, P7: checkpoints of several shards")
struct GatheringTests {
  let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
  }

  @discardableResult
  private func begin(
    _ shards: String..., number: Int64? = nil, for period: Duration = .seconds(600)
  ) throws -> CheckpointReference {
    try fixture.store.begin(
      HistoryName("orders"), shards: Set(shards.map { try ShardName($0) }),
      number: number.flatMap(CheckpointNumber.init(rawValue:)), for: period
    ).pending.reference
  }

  private func take(
    _ shard: String, of checkpoint: CheckpointReference
  ) throws -> PendingShard {
    switch try fixture.store.begin(ShardName(shard), of: checkpoint) {
    case .pending(let pending): return pending
    case .committed: throw Unexpected(what: "the shard was committed before")
    }
  }

  /// Each call has a source directory of its own, so that nothing is recognised by accident.
  @discardableResult
  private func commit(
    _ shard: String, _ files: [String: String], of checkpoint: CheckpointReference,
    policy: IngestPolicy = .auto
  ) throws -> ShardResult {
    let name = "\(shard)-\(checkpoint.number)-\(files.hashValue)"
    return try commit(
      shard, try fixture.source(name, files), at: fixture.scratch.path.appending(name),
      of: checkpoint, policy: policy)
  }

  @discardableResult
  private func commit(
    _ shard: String, _ files: [SourceFile], at location: FilePath,
    of checkpoint: CheckpointReference, policy: IngestPolicy = .auto
  ) throws -> ShardResult {
    let pending = try take(shard, of: checkpoint)
    let entries = try pending.ingest(files, of: location, policy: policy)
    return try pending.commit(entries, owner: Ownership(user: 0, group: 0))
  }

  private func isCompleted(_ result: ShardResult) -> Bool {
    if case .completed = result.state { true } else { false }
  }

  private func code(_ body: () throws -> Void) -> StoreError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? StoreError)?.code
    }
  }

  private func references(_ text: String) throws -> Int64 {
    try fixture.store.catalog.references(to: Digest(hashing: Array(text.utf8)))
  }

  // MARK: Completing

  @Test("it is seen whole when the last shard was committed, in any order, and not before (P1, P3)")
  func completes() throws {
    try fixture.commit(try fixture.source("plain", ["1.sst": "one"]))
    let checkpoint = try begin("a", "b", "c")
    #expect(checkpoint.description == "orders/chk-2")
    let first = try commit("c", ["1.sst": "one", "CURRENT": "c"], of: checkpoint)
    #expect(!isCompleted(first) && first.newFiles == 1 && first.files == 2)
    try commit("a", ["1.sst": "two"], of: checkpoint)
    let reader = try Store(at: fixture.path)
    let history = try reader.history(named: HistoryName("orders"))
    #expect(try reader.checkpoints(of: history).map(\.number.rawValue) == [1])
    #expect(try references("one") == 1 && references("two") == 0)
    #expect(try reader.pendingShards().first?.missing.map(\.rawValue) == ["b"])
    #expect(
      code { _ = try reader.checkpoint(CheckpointSelector("orders/chk-2")) } == .noSuchCheckpoint)
    let last = try commit("b", ["1.sst": "one", "2.sst": "two"], of: checkpoint)
    #expect(isCompleted(last))
    #expect(
      try fixture.entries("orders/latest").keys.sorted() == [
        "a", "a/1.sst", "b", "b/1.sst", "b/2.sst", "c", "c/1.sst", "c/CURRENT",
      ])
    #expect(try references("one") == 3 && references("two") == 2)
    let record = try fixture.checkpoint("orders/chk-2")
    #expect(record.files == 5 && record.fullBytes == 13 && record.newBytes == 4)
    #expect(try reader.pendingShards().isEmpty)
    try fixture.expectSound()
  }

  @Test("entries are found where names of shards begin with each other's")
  func order() throws {
    let shards = ["a", "a-b", "a.c", "a0", "aa"]
    let checkpoint = try fixture.store.begin(
      HistoryName("orders"), shards: Set(shards.map { try ShardName($0) }), for: .seconds(60)
    ).pending.reference
    for shard in shards.reversed() {
      try commit(
        shard, ["CURRENT": shard, "OPTIONS-1": shard, "1.sst": shard, "2.sst": "2"], of: checkpoint)
    }
    let record = try fixture.checkpoint("orders/chk-1")
    var all: [EntryRecord] = []
    try fixture.store.forEachEntry(of: record) { all.append($0) }
    #expect(all.count == 25 && all.map(\.ordinal).sorted() == Array(0..<25))
    let top = try fixture.store.catalog.entries(of: record.id, in: nil, from: 0, limit: 100)
    #expect(top.map(\.entry.path.description) == shards)
    for entry in all {
      #expect(
        try fixture.store.catalog.entries(near: entry.entry.path, of: record.id).contains(entry))
    }
    let inA = try fixture.store.catalog.entries(
      of: record.id, in: EntryPath("a"), from: 0, limit: 100)
    #expect(
      inA.map(\.entry.path.description) == ["a/CURRENT", "a/OPTIONS-1", "a/1.sst", "a/2.sst"])
    try fixture.expectSound()
  }

  @Test("a rebuilt catalog has it, and no more of what was pending (P8)")
  func rebuilt() throws {
    let first = try begin("a", "b")
    try commit("a", ["1.sst": "one", "CURRENT": "x"], of: first)
    try commit("b", ["1.sst": "two"], of: first)
    let second = try begin("a", "b")
    try commit("a", ["1.sst": "three"], of: second)
    let entries = try fixture.entries("orders/chk-1")
    let copy = fixture.scratch.path.appending("copy")
    #expect(try Tool.run(["cp", "-a", fixture.path.string, copy.string]).status == 0)
    for name in try copy.names where name.hasPrefix("catalog") {
      try FileSystemCalls.unlink(copy.appending(name))
    }
    #expect(try Store.rebuildCatalog(at: copy).problems.isEmpty)
    let store = try Store(at: copy)
    var found: [String: EntryRecord] = [:]
    try store.forEachEntry(of: store.checkpoint(CheckpointSelector("orders/chk-1"))) {
      found[$0.entry.path.description] = $0
    }
    #expect(found == entries)
    #expect(try store.pendingShards().isEmpty && store.statistics().blobs == 3)
    #expect(try store.check(readData: true, repair: false).problems.isEmpty)
  }

  @Test("unchanged shards have the pages of the last checkpoint")
  func keptPages() throws {
    func shard(_ name: String) throws -> [SourceFile] {
      try fixture.source(
        name,
        Dictionary(uniqueKeysWithValues: (0..<100).map { ("\(1000 + $0).sst", "\(name)\($0)") }))
    }
    let sources = try ["a", "b"].map { (name: $0, files: try shard($0)) }
    var pages: [[PageRecord]] = []
    for _ in 0..<2 {
      let checkpoint = try begin("a", "b")
      for (name, files) in sources {
        let result = try commit(
          name, files, at: fixture.scratch.path.appending(name), of: checkpoint, policy: .link)
        #expect(result.newFiles == (pages.isEmpty ? 100 : 0))
      }
      pages.append(
        try fixture.store.catalog.pageRecords(of: fixture.checkpoint("\(checkpoint)").id))
    }
    #expect(pages[0] == pages[1] && pages[0].count > 4)
    #expect(pages[0].allSatisfy { $0.stream == .own || $0.sources != nil })
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    try fixture.expectSound()
    #expect(try fixture.entries("orders/chk-2").count == 202)
  }

  // MARK: Holding

  @Test("a committed shard keeps what it has, whatever is dropped and collected (P4)")
  func holds() throws {
    try fixture.commit(try fixture.source("one", ["1.sst": "one", "2.sst": "two"]))
    let checkpoint = try begin("a", "b")
    try commit("a", ["1.sst": "one", "9.sst": "nine"], of: checkpoint)
    try fixture.commit(try fixture.source("other", ["3.sst": "three"]), number: 7)
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    // The base is leased as a whole, so nothing goes as long as it is pending.
    #expect(try fixture.store.collectGarbage().removedBlobs == 0)
    #expect(try fixture.store.check(CheckOptions(readsData: true)).problems.isEmpty)
    try commit("b", ["2.sst": "two"], of: checkpoint)
    #expect(try fixture.entries("orders/chk-2").count == 5)
    try fixture.expectSound()
  }

  @Test("a shard that was not committed may be committed again by anybody")
  func retried() throws {
    let checkpoint = try begin("a", "b")
    do {
      let pending = try take("a", of: checkpoint)
      _ = try pending.ingest(
        try fixture.source("lost", ["1.sst": "lost"]),
        of: fixture.scratch.path.appending("lost"))
    }
    _ = try fixture.store.collectGarbage()
    try commit("b", ["1.sst": "b"], of: checkpoint)
    try commit("a", ["1.sst": "a"], of: checkpoint)
    #expect(try fixture.entries("orders/chk-1").count == 4)
    #expect(try fixture.store.collectGarbage().removedBlobs == 1)
    try fixture.expectSound()
  }

  @Test("two processes that commit one shard: the first is it, the other is told")
  func twice() throws {
    let checkpoint = try begin("a", "b")
    let one = try take("a", of: checkpoint)
    let two = try take("a", of: checkpoint)
    let files = try fixture.source("x", ["1.sst": "x"])
    let location = fixture.scratch.path.appending("x")
    let (first, second) = (
      try one.ingest(files, of: location), try two.ingest(files, of: location)
    )
    let owner = Ownership(user: 0, group: 0)
    _ = try one.commit(first, owner: owner)
    do throws(StoreError) {
      _ = try two.commit(second, owner: owner)
      Issue.record("it was committed twice")
    } catch {
      #expect(error.code == .exists)
    }
    try commit("b", ["1.sst": "x"], of: checkpoint)
    #expect(try references("x") == 2)
    try fixture.expectSound()
  }

  @Test("a history that is renamed meanwhile takes its pending checkpoint along")
  func renamedMeanwhile() throws {
    try fixture.commit(try fixture.source("one", ["1.sst": "one"]))
    let checkpoint = try begin("a", "b")
    let pending = try take("a", of: checkpoint)
    let entries = try pending.ingest(
      try fixture.source("x", ["1.sst": "x"]), of: fixture.scratch.path.appending("x"))
    let name = try HistoryName("renamed")
    try fixture.store.rename(fixture.store.history(named: HistoryName("orders")), to: name)
    _ = try pending.commit(entries, owner: Ownership(user: 0, group: 0))
    let renamed = CheckpointReference(history: name, number: checkpoint.number)
    #expect(isCompleted(try commit("b", ["1.sst": "y"], of: renamed)))
    #expect(try fixture.entries("renamed/chk-2").count == 4)
    try fixture.expectSound()
  }

  // MARK: Refusing

  @Test(
    "a shard that it was not begun with is refused, and a plain checkpoint of its number is busy")
  func refusals() throws {
    let checkpoint = try begin("a", number: 4)
    #expect(code { _ = try take("b", of: checkpoint) } == .refused)
    #expect(code { _ = try fixture.begin("orders", number: 4) } == .busy)
    #expect(code { try begin("a", "b", number: 4) } == .busy)
    #expect(try begin("a", number: 4) == checkpoint)
    #expect(
      code { _ = try fixture.store.begin(HistoryName("orders"), shards: [], for: .zero) }
        == .invalid)
    let missing = try CheckpointReference(
      history: HistoryName("orders"), number: #require(CheckpointNumber(rawValue: 9)))
    #expect(code { _ = try take("a", of: missing) } == .noSuchCheckpoint)
    try commit("a", ["1.sst": "x"], of: checkpoint)
    #expect(code { try begin("a", number: 4) } == .exists)
    #expect(code { try fixture.store.abort(checkpoint) } == .refused)
    #expect(code { try fixture.store.abort(missing) } == .noSuchCheckpoint)
  }

  @Test("aborted, it releases all, takes nothing away, and no shard can be added (P7)")
  func aborted() throws {
    try fixture.commit(try fixture.source("one", ["1.sst": "one"]))
    let checkpoint = try begin("a", "b")
    try commit("a", ["1.sst": "one", "2.sst": "two"], of: checkpoint)
    let late = try take("b", of: checkpoint)
    let entries = try late.ingest(
      try fixture.source("late", ["1.sst": "late"]), of: fixture.scratch.path.appending("late"))
    try fixture.store.abort(checkpoint)
    #expect(code { try fixture.store.abort(checkpoint) } == .noSuchCheckpoint)
    do throws(StoreError) {
      _ = try late.commit(entries, owner: Ownership(user: 0, group: 0))
      Issue.record("it was committed")
    } catch {
      #expect(error.code == .expired)
    }
    #expect(code { _ = try take("a", of: checkpoint) } == .expired)
    #expect(try fixture.store.collectGarbage().removedBlobs == 2)
    #expect(try fixture.entries("orders/chk-1")["1.sst"]?.references == 1)
    try fixture.expectSound()
  }

  @Test(
    "past its deadline it is given up by gc and by the next begin, and its number is not given again"
  )
  func expired() throws {
    let first = try begin("a", for: .zero)
    #expect(code { _ = try take("a", of: first) } == .expired)
    #expect(try fixture.store.pendingShards().count == 1)
    let second = try begin("a", "b")
    #expect(second.number.rawValue == 2)
    #expect(try fixture.store.pendingShards().map(\.reference) == [second])
    #expect(code { _ = try take("a", of: first) } == .expired)
    let third = try begin("a", number: 3, for: .zero)
    _ = try fixture.store.collectGarbage()
    #expect(try fixture.store.pendingShards().map(\.reference) == [second])
    #expect(code { _ = try take("a", of: third) } == .expired)
    // Chosen on purpose, a number may be used again.
    try begin("a", number: 5, for: .zero)
    try fixture.commit(try fixture.source("plain", ["1.sst": "1"]), number: 5)
    #expect(try fixture.checkpoint("orders/latest").number.rawValue == 5)
  }

  @Test("a process that lives is not aborted, one that died is")
  func abortOfOne() throws {
    let pending = try fixture.begin("orders", number: 3)
    let reference = CheckpointReference(history: pending.history, number: pending.number)
    #expect(code { try fixture.store.abort(reference) } == .busy)
    _ = consume pending
    #expect(code { try fixture.store.abort(reference) } == .noSuchCheckpoint)
  }

  @Test("a history that only gave numbers away is nobody's: another may take its name")
  func rename() throws {
    let checkpoint = try begin("a")
    try fixture.store.abort(checkpoint)
    try fixture.commit(try fixture.source("x", ["1.sst": "x"]), to: "other")
    let other = try fixture.store.history(named: HistoryName("other"))
    try fixture.store.rename(other, to: HistoryName("orders"))
    #expect(try fixture.entries("orders/chk-1").count == 1)
  }

  @Test("who opened the catalog before it was migrated cannot give up what waits for shards")
  func olderCollection() throws {
    let checkpoint = try begin("a", "b")
    try commit("a", ["1.sst": "one"], of: checkpoint)
    let catalog = fixture.path.appending("catalog.sqlite")
    // What a version that knows of no shards does to a pending checkpoint whose process is dead; its connection, too, has
    // foreign keys checked.
    #expect(throws: (any Error).self) {
      try SQLite.run("DELETE FROM pin; DELETE FROM pending", in: catalog)
    }
    #expect(isCompleted(try commit("b", ["2.sst": "two"], of: checkpoint)))
    #expect(try fixture.store.check(CheckOptions(readsData: true)).problems.isEmpty)
  }

  @Test(
    "a catalog of a format before is brought to this one when it is opened",
    arguments: [
      "DROP TABLE shard_page; DROP TABLE shard; DROP TABLE gathering; DROP TABLE reading; "
        + "DROP TABLE reading_pass; PRAGMA user_version = 2",
      "DROP TABLE reading; DROP TABLE reading_pass; PRAGMA user_version = 3",
    ])
  func migration(_ downgrade: String) throws {
    try fixture.commit(try fixture.source("x", ["1.sst": "x"]))
    let old = fixture.scratch.path.appending("old")
    #expect(try Tool.run(["cp", "-a", fixture.path.string, old.string]).status == 0)
    let catalog = old.appending("catalog.sqlite")
    try SQLite.run(downgrade, in: catalog)
    let store = try Store(at: old)
    let begun = try store.begin(HistoryName("orders"), shards: [ShardName("a")], for: .seconds(9))
    #expect(begun.pending.reference.number.rawValue == 2)
    #expect(try store.check(readData: true, repair: false).problems.isEmpty)
    try SQLite.run("PRAGMA user_version = 5", in: catalog)
    let error = #expect(throws: StoreError.self) { _ = try Store(at: old) }
    #expect(error?.message.contains("format 5") == true)
  }
}
