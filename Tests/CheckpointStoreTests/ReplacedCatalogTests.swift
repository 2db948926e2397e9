// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("P8: a catalog that can be read is not replaced by one that knows less")
struct ReplacedCatalogTests {
  enum Loss: String, CaseIterable { case manifest, cutManifest, history, page, tag, allOfHistory }

  @Test(
    "what has too little left beside it keeps a rebuild back, and a repair writes it anew",
    arguments: Loss.allCases)
  func lost(_ loss: Loss) throws {
    let scratch: ScratchDirectory
    let path: FilePath
    do {
      let fixture = try StoreFixture()
      try fixture.commit(try fixture.source("a", ["1.sst": "one", "CURRENT": "c"]), policy: .copy)
      try fixture.commit(try fixture.source("b", ["1.sst": "two"]), tag: "keep", policy: .copy)
      try fixture.commit(try fixture.source("c", ["1.sst": "three"]), to: "others", policy: .copy)
      (scratch, path) = (fixture.scratch, fixture.path)
    }
    let directory = path.appending("manifests/1")
    let manifest = directory.appending("chk-2")
    switch loss {
    case .manifest: try FileSystemCalls.unlink(manifest)
    case .cutManifest: try manifest.write(Array(manifest.read().dropLast(9)))
    case .history: try FileSystemCalls.unlink(directory.appending("history"))
    case .tag: try FileSystemCalls.unlink(directory.appending("tag-keep"))
    case .allOfHistory: try FileSystemCalls.removeTree(directory)
    case .page:
      let page = try #require(try Manifest(decoding: manifest.read()).pages.first)
      let shelf = path.appending("blobs/\(page.hexadecimal.prefix(2))")
      for name in try shelf.names where name.hasPrefix(page.hexadecimal) {
        try FileSystemCalls.unlink(shelf.appending(name))
      }
    }
    let before = try path.appending("catalog.sqlite").read()
    let error = #expect(throws: StoreError.self) { try Store.rebuildCatalog(at: path) }
    #expect(error?.code == .refused && error?.message.contains("fsck --repair") == true)
    #expect(error?.message.contains(loss == .tag ? "orders/tags/keep" : "orders/chk-") == true)
    #expect(try path.appending("catalog.sqlite").read() == before)
    #expect(try path.names.allSatisfy { !$0.hasPrefix("catalog.sqlite.") })
    do {
      let store = try Store(at: path)
      #expect(try store.check(readData: false, repair: true).problems == [])
    }
    #expect(try Store.rebuildCatalog(at: path).isClean)
    let fixture = try StoreFixture(path, in: scratch)
    try fixture.expectSound()
    #expect(try fixture.checkpoint("orders/tags/keep").number.rawValue == 2)
    #expect(try fixture.entries("orders/chk-1").count == 2)
  }

  @Test(
    "a catalog that cannot be read, or is another store's, keeps no rebuild back",
    arguments: ["damaged", "another"])
  func useless(_ kind: String) throws {
    let scratch: ScratchDirectory
    let path: FilePath
    let another: [UInt8]
    do {
      let fixture = try StoreFixture()
      for text in ["one", "two"] {
        try fixture.commit(try fixture.source(text, ["1.sst": text]), policy: .copy)
      }
      (scratch, path) = (fixture.scratch, fixture.path)
    }
    do {
      let other = scratch.path.appending("another")
      _ = try Store.create(at: other)
      another = try other.appending("catalog.sqlite").read()
    }
    try FileSystemCalls.unlink(path.appending("manifests/1/chk-1"))
    let catalog = path.appending("catalog.sqlite")
    try catalog.write(kind == "another" ? another : [UInt8](repeating: 0x55, count: 8192))
    #expect(try Store.rebuildCatalog(at: path).isClean)
    let fixture = try StoreFixture(path, in: scratch)
    #expect(try fixture.entries("orders/chk-2").count == 1)
    #expect(throws: StoreError.self) { try fixture.checkpoint("orders/chk-1") }
  }
}
