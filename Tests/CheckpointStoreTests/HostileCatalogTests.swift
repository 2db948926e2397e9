// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import GRDB
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Security: a catalog that somebody has prepared", .timeLimit(.minutes(60)))
struct HostileCatalogTests {
  @Test(
    "a catalog with anything in it that runs, or whose tables are others, is refused and not run",
    arguments: [
      "CREATE TRIGGER t AFTER INSERT ON checkpoint BEGIN DELETE FROM blob; END",
      "CREATE VIEW v AS SELECT * FROM blob",
      "CREATE VIRTUAL TABLE f USING fts5(x)",
      "CREATE TABLE extra (a TEXT)",
      "DROP INDEX blob_node",
      "DROP INDEX blob_digest; CREATE INDEX blob_digest ON blob (digest, kind) WHERE stored = 1",
      "DROP TABLE page_text; CREATE TABLE page_text (page INTEGER PRIMARY KEY, content BLOB)",
      "ALTER TABLE tag RENAME TO old; CREATE VIEW tag AS SELECT * FROM old",
      "ALTER TABLE history ADD COLUMN more TEXT DEFAULT 'x'",
      "ALTER TABLE history ADD COLUMN more INTEGER AS (next_number + 1)",
    ])
  func shape(_ sql: String) throws {
    let fixture = try StoreFixture()
    try fixture.commit(fixture.source("a", ["1.sst": "one"]))
    let path = try fixture.scratch.directory("copy").appending("store")
    #expect(try Tool.run(["cp", "-a", fixture.path.string, path.string]).status == 0)
    try SQLite.run(sql, in: path.appending("catalog.sqlite"))
    let error = #expect(throws: StoreError.self) { try Store(at: path) }
    #expect(error?.code == .damaged && error?.message.contains("rebuild-catalog") == true)
    #expect(throws: StoreError.self) { try StoreSource(at: path) }
    // What was there is not lost by it.
    _ = try Store.rebuildCatalog(at: path)
    #expect(try Store(at: path).histories().count == 1)
  }

  @Test(
    "another program's database in the catalog's place, or a later version's, is refused before a byte of it changes",
    arguments: ["PRAGMA application_id = 7", "PRAGMA user_version = 99", "DELETE FROM store"])
  func foreign(_ sql: String) throws {
    let fixture = try StoreFixture()
    try fixture.commit(fixture.source("a", ["1.sst": "one"]))
    let path = try fixture.scratch.directory("copy").appending("store")
    #expect(try Tool.run(["cp", "-a", fixture.path.string, path.string]).status == 0)
    let catalog = path.appending("catalog.sqlite")
    try SQLite.run("\(sql); PRAGMA journal_mode = DELETE", in: catalog)
    let before = try catalog.read()
    let error = #expect(throws: StoreError.self) { try Store(at: path) }
    #expect(error?.code == .damaged)
    #expect(try catalog.read() == before)
    #expect(try path.names.filter { $0.hasPrefix("catalog.sqlite") } == ["catalog.sqlite"])
  }

  private static let tables = [
    "store", "history", "checkpoint", "tag", "pending", "lease", "blob", "pin", "page", "page_text",
    "checkpoint_page", "page_blob", "evidence", "outbox", "removal", "gathering", "shard",
    "shard_page", "sqlite_sequence",
  ]

  @Test(
    "whatever a catalog's columns hold is told of or lived with, and nothing outside is touched",
    arguments: tables)
  func values(_ table: String) throws {
    let tampering = try Tampering()
    defer { tampering.cleanUp() }
    for change in try tampering.changes(of: table) { try tampering.exercise(change) }
  }
}

/// A store with something of each kind in it, of whose catalog one column at a time is changed.
private struct Tampering {
  let fixture: StoreFixture
  let victim: FilePath
  /// For copies, of which there are hundreds: in memory where that is possible, where syncing takes no time.
  private let room: FilePath

  init() throws {
    fixture = try StoreFixture()
    let memory = FilePath("/dev/shm")
    room =
      try memory.exists
      ? memory.appending(try #require(fixture.scratch.path.lastComponent))
      : fixture.scratch.directory("room")
    try FileSystemCalls.makeDirectoryIfAbsent(room)
    victim = try fixture.scratch.directory("victim")
    try victim.appending("precious").write("data")
    try fixture.commit(
      fixture.source("a", ["1.sst": "one", "CURRENT": "current", "x": ""]), tag: "kept")
    try fixture.commit(fixture.source("b", ["1.sst": "one", "2.sst": "two", "CURRENT": "other"]))
    try fixture.commit(fixture.source("c", ["3.sst": "three"]), to: "others")
    let old = try fixture.checkpoint("orders/chk-2")
    try fixture.commit(fixture.source("d", ["4.sst": "four"]))
    _ = try fixture.store.drop([old], force: true)
    try FileSystemCalls.unlink(fixture.path.appending("reserve"))
  }

  func cleanUp() {
    // What is left behind in memory hurts no other test.
    try? FileSystemCalls.removeTree(room)
  }

  /// Statements that each give all rows of a table another value in one column.
  func changes(of table: String) throws -> [String] {
    let queue = try DatabaseQueue(path: fixture.path.appending("catalog.sqlite").string)
    defer { try? queue.close() }
    return try queue.read { db in
      try db.columns(in: table).flatMap { column in
        Self.values(of: column).map { "UPDATE OR IGNORE \(table) SET \(column.name) = \($0)" }
      }
    }
  }

  private static func values(of column: ColumnInfo) -> [String] {
    switch column.type {
    case "INTEGER":
      ["-1", "9223372036854775807", "-9223372036854775808"]
    case "TEXT":
      ["''", "'../../victim/precious'"]
    default: ["x'00'", "zeroblob(32)"]
    }
  }

  func exercise(_ change: String) throws {
    let copy = room.appending("copy")
    try FileSystemCalls.removeTree(copy)
    try FileManager.default.copyItem(atPath: fixture.path.string, toPath: copy.string)
    guard try apply(change, to: copy.appending("catalog.sqlite")) else { return }
    // Errors are right, and so is living with it; only a crash is wrong, or harm outside.
    if let source = try? StoreSource(at: copy) { walk(source) }
    if let store = try? Store(at: copy) { use(store, copy) }
    _ = try? Store.rebuildCatalog(at: copy)
    guard try victim.names == ["precious"],
      try victim.appending("precious").read() == Array("data".utf8)
    else { throw Unexpected(what: "harm was done outside of the store") }
  }

  /// - Returns: `false` where the columns allow no such value, or no row was there to have it.
  private func apply(_ change: String, to catalog: FilePath) throws -> Bool {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: catalog.string, configuration: configuration)
    let changes = try? queue.writeWithoutTransaction { db in
      try db.execute(sql: change)
      return db.changesCount
    }
    try queue.close()
    return changes ?? 0 > 0
  }

  private func walk(_ source: StoreSource) {
    for history in (try? source.histories(after: nil, limit: 10)) ?? [] {
      _ = try? source.tags(of: history.id, after: nil, limit: 10)
      _ = try? source.latestCheckpoint(of: history.id)
      for checkpoint in (try? source.checkpoints(of: history.id, after: nil, limit: 10)) ?? [] {
        let entries =
          (try? source.entries(of: checkpoint.id, in: nil, from: 0, limit: 100)) ?? []
        for record in entries {
          _ = try? source.entry(record.ordinal, of: checkpoint.id)
          _ = try? source.entry(at: record.entry.path, of: checkpoint.id)
          if let content = record.entry.content {
            _ = try? source.sharedFile(SharedInode(content.digest))
            _ = try? source.open(content.digest)
          }
        }
      }
    }
    _ = try? source.statistics()
  }

  private func use(_ store: Store, _ path: FilePath) {
    _ = try? store.statistics()
    for name in ["orders", "others"] {
      guard let history = try? store.history(named: HistoryName(name)) else { continue }
      for checkpoint in (try? store.checkpoints(of: history)) ?? [] {
        _ = TimeName(completed: checkpoint.completed, number: checkpoint.number)
        try? store.forEachEntry(of: checkpoint) { _ in }
        let target = room.appending("out")
        _ = try? store.restore(checkpoint, to: target)
        try? FileSystemCalls.removeTree(target)
      }
    }
    _ = try? store.check(readData: true, repair: false)
    if let files = try? fixture.source(
      "n-\(UInt32.random(in: 0 ... .max))", ["1.sst": "one", "9.sst": "9"]),
      let history = try? HistoryName("orders"),
      case .pending(let pending)? = try? store.begin(history),
      let entries = try? pending.ingest(files)
    {
      _ = try? pending.complete(entries, owner: Ownership(user: 0, group: 0))
    }
    if let checkpoint = try? store.checkpoint(CheckpointSelector("orders/chk-1")) {
      _ = try? store.drop([checkpoint], force: true)
    }
    _ = try? store.collectGarbage()
    _ = try? store.check(readData: false, repair: true)
  }
}
