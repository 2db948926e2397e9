// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import SystemPackage
import TestSupport
import Testing

struct CreationTests {
  @Test("making a store again changes nothing")
  func again() throws {
    let fixture = try StoreFixture()
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    #expect(try Store.create(at: fixture.path) == .existed)
    #expect(try Store(at: fixture.path).histories().count == 1)
  }

  @Test("a directory with something else in it is left alone")
  func occupied() throws {
    let scratch = try ScratchDirectory()
    try scratch.path.appending("precious").write("data")
    let error = #expect(throws: StoreError.self) { try Store.create(at: scratch.path) }
    #expect(error?.code == .refused)
    #expect(try scratch.path.names == ["precious"])
  }

  @Test("a making that was interrupted can be done again")
  func interrupted() throws {
    let fixture = try StoreFixture()
    let marker = fixture.path.appending("ckptfs-store")
    let half = try ScratchDirectory()
    for name in ["manifests", "pending", "locks", "blobs"] { _ = try half.directory(name) }
    try half.path.appending("catalog.sqlite").write("half a catalog")
    #expect(try Store.create(at: half.path) == .created)
    #expect(try Store(at: half.path).histories().isEmpty)
    #expect(try marker.exists)
  }

  @Test("what is no store, or of a later format, is refused and left alone")
  func format() throws {
    let scratch = try ScratchDirectory()
    #expect(throws: StoreError.self) { try Store(at: scratch.path) }
    #expect(throws: StoreError.self) { try Store(at: scratch.path.appending("absent")) }
    let fixture = try StoreFixture()
    let marker = fixture.path.appending("ckptfs-store")
    try marker.write(Array("ckptfs store 2\n".utf8))
    let error = #expect(throws: StoreError.self) { try Store(at: fixture.path) }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("format 2") == true)
  }

  @Test("a catalog of another store is not used")
  func foreign() throws {
    let (one, other) = (try StoreFixture(), try StoreFixture())
    try one.commit(try one.source("a", ["1.sst": "one"]))
    let marker = try other.path.appending("ckptfs-store").read()
    try one.path.appending("ckptfs-store").write(marker)
    let error = #expect(throws: StoreError.self) { try Store(at: one.path) }
    #expect(error?.code == .damaged)
  }

  @Test("no store is made within a store", arguments: ["pending/inner", "inner"])
  func nested(place: String) throws {
    let fixture = try StoreFixture()
    let inner = FilePath("\(fixture.path)/\(place)")
    let error = #expect(throws: StoreError.self) { try Store.create(at: inner) }
    #expect(error?.code == .refused)
    #expect(try !inner.exists)
  }
}
