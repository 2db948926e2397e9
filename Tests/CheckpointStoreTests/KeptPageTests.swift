// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import GRDB
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("P5: a page whose files all stayed is recognised as a whole")
struct KeptPageTests {
  let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
  }

  /// Enough tables for several pages, each with another content.
  private func tables() throws -> [SourceFile] {
    let names = (0..<200).map { String(1_000_000 + $0).dropFirst() + ".sst" }
    return try fixture.source(
      "db", Dictionary(uniqueKeysWithValues: names.map { (String($0), "table \($0)") }))
  }

  /// How many pages of tables there are, and of how many it is known what their sources looked like.
  private func pages() throws -> (all: Int, recognisable: Int) {
    let catalog = try DatabaseQueue(path: fixture.path.appending("catalog.sqlite").string)
    return try catalog.read { db in
      (
        try Int.fetchOne(db, sql: "SELECT count(*) FROM page WHERE bytes > 0") ?? 0,
        try Int.fetchOne(db, sql: "SELECT count(*) FROM page WHERE sources IS NOT NULL") ?? 0
      )
    }
  }

  private func digest(_ text: String) -> Digest { Digest(hashing: Array(text.utf8)) }

  @Test("pages of hard-linked files are recognisable, those of copies are not")
  func recognisable() throws {
    let tables = try tables()
    try fixture.commit(tables, to: "copied", policy: .copy)
    #expect(try pages().recognisable == 0)
    let others = try fixture.source("other", ["1.sst": "one"])
    try fixture.commit(others, policy: .link)
    #expect(try pages().recognisable == 1)
  }

  @Test("of many linked files, one replaced, one rewritten, one gone, one new: all others are kept")
  func changes() throws {
    var tables = try tables()
    try fixture.commit(tables, policy: .link)
    let before = try pages()
    #expect(before.all > 3 && before.recognisable == before.all)
    try FileSystemCalls.unlink(tables[50].location)
    try tables[50].location.write("another")
    try tables[50].location.age()
    let time = try tables[120].location.status.modified
    try FileSystemCalls.unlink(tables[120].location)
    try tables[120].location.write("table 00012X.sst")
    try tables[120].location.setModified(time)
    tables.remove(at: 70)
    tables += try fixture.source("db2", ["000500.sst": "new"])
    let result = try fixture.commit(tables, policy: .link)
    #expect(result.newFiles == 3)
    let entries = try fixture.entries("orders/chk-2")
    #expect(entries.count == 200)
    #expect(entries["000050.sst"]?.entry.content?.digest == digest("another"))
    #expect(entries["000120.sst"]?.entry.content?.digest == digest("table 00012X.sst"))
    #expect(entries["000070.sst"] == nil)
    #expect(entries["000001.sst"]?.references == 2)
    #expect(result.checkpoint.files == 200)
    #expect(
      result.checkpoint.fullBytes
        == entries.values.reduce(0) { $0 + Int64($1.entry.content?.size ?? 0) })
    let after = try pages()
    #expect(after.all - before.all <= 4 && after.recognisable == after.all)
    try fixture.expectSound()
  }

  @Test("an unchanged checkpoint has all of its base's pages, and outlives it")
  func unchanged() throws {
    let tables = try tables()
    try fixture.commit(tables, policy: .link)
    let before = try pages()
    let result = try fixture.commit(tables, policy: .link)
    #expect(result.newFiles == 0)
    #expect(try pages() == before)
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    _ = try fixture.store.collectGarbage()
    #expect(try fixture.entries("orders/chk-2").count == 200)
    try fixture.expectSound()
  }

  @Test("a file whose blob was replaced by a copy is hashed again, though it looks as it did")
  func replacedBlob() throws {
    let linked = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    try fixture.commit(linked, policy: .link)
    let time = try linked[0].location.status.modified
    try linked[0].location.write("bad")
    try fixture.commit(try fixture.source("b", ["7.sst": "one"]), to: "others")
    // The page of the first checkpoint refers to a file by now that the source is no link of.
    try linked[0].location.write("odd")
    try linked[0].location.setModified(time)
    try fixture.commit(linked)
    #expect(try fixture.entries("orders/chk-2")["1.sst"]?.entry.content?.digest == digest("odd"))
    try fixture.expectSound()
  }

  @Test("a page is taken in anew where the store has lost the link to a file of it")
  func lostLink() throws {
    let files = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    try fixture.commit(files, policy: .link)
    for name in try fixture.blobFiles where name.hasPrefix(digest("one").hexadecimal) {
      try FileSystemCalls.unlink(
        fixture.path.appending("blobs").appending(String(name.prefix(2))).appending(name))
    }
    try fixture.commit(files, policy: .link)
    try fixture.expectSound()
  }

  @Test(
    "files that were linked too soon after they were written make no page recognisable until they are read again"
  )
  func fresh() throws {
    let files = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    try files[0].location.setModified(WallClock.now())
    try fixture.commit(files, policy: .link)
    #expect(try pages().recognisable == 0)
    try files[0].location.age()
    let result = try fixture.commit(files, policy: .link)
    #expect(result.newFiles == 0)
    try fixture.expectSound()
  }

  @Test(
    "a fresh file that somebody patched, its time restored, is hashed also where the store is a copy"
  )
  func patchedBesideACopy() throws {
    let files = try fixture.source("a", ["1.sst": "one", "2.sst": "two"])
    let time = WallClock.now()
    try files[0].location.setModified(time)
    try fixture.commit(files, policy: .link)
    // As in a copy of the store, whose blobs are other inodes than the sources.
    for name in try fixture.blobFiles where name.hasPrefix(digest("one").hexadecimal) {
      let blob = fixture.path.appending("blobs").appending(String(name.prefix(2)))
        .appending(name)
      try FileSystemCalls.unlink(blob)
      try blob.write("one")
      try blob.setModified(time)
    }
    try FileSystemCalls.link(files[0].location, as: fixture.scratch.path.appending("live"))
    try files[0].location.write("odd")
    try files[0].location.setModified(time)
    try fixture.commit(files, policy: .link)
    #expect(try fixture.entries("orders/chk-2")["1.sst"]?.entry.content?.digest == digest("odd"))
  }
}
