// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Glibc
import LinuxFiles
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Security: a store that somebody has prepared", .timeLimit(.minutes(60)))
struct HostileStoreTests {
  let fixture: StoreFixture
  /// Whose files nothing may touch.
  let victim: FilePath

  init() throws {
    fixture = try StoreFixture()
    victim = try fixture.scratch.directory("victim")
    try victim.appending("precious").write("data")
  }

  private func expectUnharmed(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try victim.names == ["precious"], sourceLocation: sourceLocation)
    #expect(
      try victim.appending("precious").read() == Array("data".utf8), sourceLocation: sourceLocation)
  }

  @Test("only its owner may look into a new store, also into one in a directory that was there")
  func modes() throws {
    let existing = try fixture.scratch.directory("existing")
    try existing.setPermissions(0o755)
    _ = try Store.create(at: existing)
    let sources = try fixture.source("a", ["1.sst": "one", "CURRENT": "current"])
    try fixture.commit(sources)
    #expect(try fixture.path.status.permissions == 0o700)
    #expect(try existing.status.permissions == 0o755)
    for store in [fixture.path, existing] {
      for name in ["blobs", "manifests", "pending", "staging", "locks"] {
        #expect(try store.appending(name).status.permissions == 0o700, "\(name)")
      }
      for name in try store.names where name.hasPrefix("catalog") || name == "reserve" {
        #expect(try store.appending(name).status.permissions == 0o600, "\(name)")
      }
    }
    #expect(try fixture.path.appending("manifests/1").status.permissions == 0o700)
  }

  @Test("a catalog made anew is its owner's alone, too")
  func rebuiltMode() throws {
    let path = try fixture.scratch.directory("other")
    _ = try Store.create(at: path)
    _ = try Store.rebuildCatalog(at: path)
    #expect(try path.appending("catalog.sqlite").status.permissions == 0o600)
  }

  @Test(
    "a store of which a part is a link, or no directory, is refused, and nothing is changed behind it",
    arguments: [
      "blobs", "blobs/ae", "staging", "manifests", "pending", "locks", "catalog.sqlite", "reserve",
      "quarantine",
    ])
  func parts(_ name: String) throws {
    let path = try fixture.scratch.directory("other")
    _ = try Store.create(at: path)
    let part = path.appending(name)
    // Only a repair makes it.
    if name == "quarantine" { try FileSystemCalls.makeDirectory(part) }
    let isFile = try part.status.kind == .regular
    try FileSystemCalls.rename(part, to: fixture.scratch.path.appending("moved"))
    try FileSystemCalls.makeSymbolicLink(
      part, to: isFile ? victim.appending("precious") : victim)
    let opened = #expect(throws: StoreError.self) { try Store(at: path, freeing: true) }
    #expect(opened?.code == .refused && opened?.message.contains("symbolic link") == true)
    #expect(throws: StoreError.self) { try StoreSource(at: path) }
    #expect(throws: StoreError.self) { _ = try Store.rebuildCatalog(at: path) }
    #expect(throws: StoreError.self) { try Store.create(at: path) }
    try expectUnharmed()
  }

  @Test("collection removes nothing behind a link that lies among what dead owners left")
  func staging() throws {
    let area = fixture.path.appending("staging/0123456789abcdef")
    try FileSystemCalls.makeSymbolicLink(area, to: victim)
    _ = try? fixture.store.collectGarbage()
    try expectUnharmed()
    try FileSystemCalls.unlink(area)
    try FileSystemCalls.makeDirectory(area)
    try FileSystemCalls.makeDirectory(area.appending("sub"))
    try FileSystemCalls.makeSymbolicLink(area.appending("sub/link"), to: victim)
    try FileSystemCalls.makeSymbolicLink(area.appending("link"), to: victim.appending("precious"))
    _ = try fixture.store.collectGarbage()
    #expect(try !area.exists)
    try expectUnharmed()
  }

  @Test("a dead restore's note has nothing removed behind a link")
  func abandonedRestore() throws {
    let left = fixture.scratch.path.appending("out.ckptfs-restore-0123456789abcdef")
    let token = fixture.path.appending("locks/0123456789abcdef")
    try FileSystemCalls.makeSymbolicLink(left, to: victim)
    try token.write(left.string)
    _ = try fixture.store.collectGarbage()
    try expectUnharmed()
    try FileSystemCalls.unlink(left)
    try FileSystemCalls.makeDirectory(left)
    try FileSystemCalls.makeSymbolicLink(left.appending("sub"), to: victim)
    try token.write(left.string)
    _ = try fixture.store.collectGarbage()
    #expect(try !left.exists)
    try expectUnharmed()
  }

  @Test("a manifest is not written through a link that waits for it")
  func manifestOnItsWay() throws {
    let link = fixture.path.appending("pending/1-history")
    try FileSystemCalls.makeSymbolicLink(link, to: victim.appending("precious"))
    #expect(throws: StoreError.self) { try fixture.commit(fixture.source("a", ["1.sst": "one"])) }
    try expectUnharmed()
    // What was completed before that is not lost.
    try FileSystemCalls.unlink(link)
    try fixture.commit(fixture.source("b", ["1.sst": "one"]))
    #expect(try fixture.path.appending("manifests/1").names == ["chk-1", "chk-2", "history"])
    try fixture.expectSound()
  }

  @Test(
    "a restore writes where it was told to, when somebody puts links in its way",
    arguments: [RestoreMode.copy, .link], [false, true])
  func restore(_ mode: RestoreMode, _ inSubdirectory: Bool) throws {
    var files = try fixture.source(
      "a", Dictionary(uniqueKeysWithValues: (0..<64).map { ("f\($0)", "content \($0)") }))
    files.append(
      SourceFile(
        path: try EntryPath("a"), location: try fixture.scratch.directory("sub"), kind: .directory))
    let tail = SourceFile(
      path: try EntryPath("a/t.sst"), location: files[0].location, kind: .shared)
    try fixture.commit(files + [tail])
    let parent = try fixture.scratch.directory("parent")
    let once = Mutex(false)
    let moved = fixture.scratch.path.appending("moved")
    let result = Result {
      try fixture.store.restore(
        fixture.checkpoint("orders/chk-1"), to: parent.appending("out"), mode: mode
      ) { _ in
        once.withLock { isDone in
          if isDone { return }
          isDone = true
          do {
            let name = try #require(try parent.names.first)
            let place =
              inSubdirectory ? parent.appending(name).appending("a") : parent.appending(name)
            try FileSystemCalls.rename(place, to: moved)
            try FileSystemCalls.makeSymbolicLink(place, to: victim)
          } catch {
            Issue.record(error)
          }
        }
      }
    }
    #expect(once.withLock { $0 })
    #expect(throws: (any Error).self) { try result.get() }
    try expectUnharmed()
  }

  @Test(
    "a page that names what is no path in a checkpoint is no page, so its checkpoint is left out",
    arguments: [
      "../../victim/precious", "/etc/passwd", "a/../b", "a//b", "./a", "a%00b", "%2e%2e/x", "",
      String(repeating: "x", count: 256), String(repeating: "d/", count: 2047) + "xx",
    ])
  func pages(_ path: String) throws {
    let content = Digest(hashing: Array("one".utf8))
    let page = "ckptfs page 1\nown \(content) 3 0 \(path)\n"
    try expectLeftOut(pages: [page])
  }

  @Test("neither are pages that disagree, list a path twice, or tell of sizes that no file has")
  func oddPages() throws {
    let content = Digest(hashing: Array("one".utf8))
    let entry = { (size: String, path: String) in "own \(content) \(size) 0 \(path)\n" }
    let header = "ckptfs page 1\n"
    for page in [
      header + entry("-1", "a"), header + entry("18446744073709551615", "a"),
      header + entry("9223372036854775808", "a"), header + entry("3", "a") + entry("3", "a"),
      header + entry("3", "b") + entry("3", "a"), header, header + "link a b\n",
    ] {
      try expectLeftOut(pages: [page])
    }
  }

  @Test("pages that each are right, and together have a path twice or in a file, are told of")
  func contradictingPages() throws {
    let content = Digest(hashing: Array("one".utf8))
    let pages = ["own \(content) 3 0 a", "own \(content) 3 0 a", "own \(content) 3 0 a/b"]
    let path = try rebuilt(pages: pages.map { "ckptfs page 1\n\($0)\n" })
    let store = try Store(at: path)
    let target = fixture.scratch.path.appending("out")
    if let checkpoint = try? store.checkpoint(CheckpointSelector("orders/chk-1")) {
      #expect(throws: StoreError.self) { try store.restore(checkpoint, to: target) }
    }
    _ = try store.check(readData: true, repair: false)
    #expect(try !target.exists)
    try expectUnharmed()
  }

  private func expectLeftOut(pages: [String]) throws {
    let path = try rebuilt(pages: pages)
    let store = try Store(at: path)
    #expect(try store.histories().isEmpty)
    let collected = #expect(throws: StoreError.self) { try store.collectGarbage() }
    #expect(collected?.code == .refused)
    try FileSystemCalls.unlink(path.appending("manifests/1/chk-1"))
    _ = try store.collectGarbage()
    try expectUnharmed()
  }

  /// A store whose manifests, sealed as they must be, list these pages; its catalog made from them.
  private func rebuilt(pages: [String]) throws -> FilePath {
    let path = try fixture.scratch.directory("made-\(UInt32.random(in: 0 ... .max))")
    _ = try Store.create(at: path)
    let marker = String(decoding: try path.appending("ckptfs-store").read(), as: UTF8.self)
    let id = try #require(marker.split(separator: "\n").last?.split(separator: " ").last)
    func place(_ text: String, _ incarnation: Int) throws -> Digest {
      let digest = Digest(hashing: Array(text.utf8))
      let name = "\(digest)-\(incarnation)"
      try path.appending("blobs").appending(String(name.prefix(2))).appending(name).write(text)
      return digest
    }
    _ = try place("one", 1)
    let digests = try pages.enumerated().map { try place($1, $0 + 2) }
    let directory = path.appending("manifests/1")
    try FileSystemCalls.makeDirectory(directory)
    func seal(_ text: String) -> String { text + "sha256 \(Digest(hashing: Array(text.utf8)))\n" }
    try directory.appending("history").write(
      seal("ckptfs history 1\nstore \(id)\nid 1\nname orders\n"))
    try directory.appending("chk-1").write(
      seal(
        """
        ckptfs checkpoint 1
        store \(id)
        history 1
        number 1
        id 1
        completed 1
        user 0
        group 0
        files 4611686018427387903
        full-bytes 4611686018427387903
        new-bytes 1000000000

        """ + digests.map { "page \($0)\n" }.joined()))
    let report = try Store.rebuildCatalog(at: path)
    if try Store(at: path).histories().isEmpty { #expect(!report.problems.isEmpty) }
    return path
  }
}
