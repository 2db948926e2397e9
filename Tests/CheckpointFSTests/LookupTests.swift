// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import SystemPackage
import TestSupport
import Testing

@Suite("Looking up names")
struct LookupTests {
  @Test("A mount shows histories, checkpoints, their files and the links to them")
  func layout() throws {
    let sample = try Sample()
    let tree = sample.tree()
    #expect(try tree.names("") == ["orders", "users"])
    #expect(
      try tree.names("orders") == ["latest", "tags", "by-time", "chk-1", "chk-2", "chk-10"])
    #expect(try tree.names("orders/chk-10") == ["CURRENT", "shard-a", "000013.sst"])
    #expect(try tree.names("orders/chk-10/shard-a") == ["CURRENT", "deep"])
    #expect(try tree.names("orders/chk-10/shard-a/deep") == ["000012.sst"])
    #expect(try tree.names("orders/tags") == ["before-upgrade"])
    #expect(
      try tree.names("orders/by-time") == [
        "2026-11-22T101500Z-chk-1", "2026-11-22T101510Z-chk-2", "2026-11-22T101520Z-chk-10",
      ])
    #expect(try tree.names(".ckptfs") == ["status.json", "metrics", "checkpoints"])
    #expect(try tree.names(".ckptfs/checkpoints") == ["orders", "users"])
    #expect(
      try tree.names(".ckptfs/checkpoints/orders") == [
        "chk-1.json", "chk-2.json", "chk-10.json",
      ])
  }

  @Test(
    "Each link leads to its checkpoint",
    arguments: [
      ("orders/latest", "chk-10"), ("orders/tags/before-upgrade", "../chk-2"),
      ("orders/by-time/2026-11-22T101500Z-chk-1", "../chk-1"), ("users/latest", "chk-1"),
    ])
  func links(path: String, target: String) throws {
    let tree = try Sample().tree()
    let link = try tree.node(path)
    #expect(link.kind == .link)
    #expect(link.size == UInt64(target.utf8.count))
    #expect(try tree.target(of: link.inode) == Array(target.utf8))
  }

  @Test(
    "A name that is not there is not there",
    arguments: [
      "nobody", "orders/chk-3", "orders/chk-01", "orders/chk-0", "orders/chk-", "orders/CURRENT",
      "latest", "tags", "chk-1", "orders/latest ", "orders/tags/latest", "orders/tags/nobody",
      "users/tags/before-upgrade", "orders/.ckptfs", "orders/chk-1/000013.sst",
      "orders/chk-10/deep", "orders/chk-1/latest", ".ckptfs/status", ".ckptfs/checkpoints/nobody",
      ".ckptfs/checkpoints/orders/chk-3.json", ".ckptfs/checkpoints/orders/chk-1",
      ".ckptfs/checkpoints/orders/.json",
    ])
  func absent(path: String) throws {
    #expect(try Sample().tree().walk(path) == nil)
  }

  @Test(
    "A name in by-time is there only if it is exactly that of the checkpoint",
    arguments: [
      "2026-11-22T101501Z-chk-1", "2026-11-22T101500Z-chk-2", "2026-11-22T101500Z-chk-01",
      "2026-11-22T10:15:00Z-chk-1", "Z-chk-1", "chk-1", "2026-11-22T101500Z-chk-1 ",
      "x2026-11-22T101500Z-chk-1",
    ])
  func time(name: String) throws {
    let tree = try Sample().tree()
    #expect(try tree.lookup(name, in: tree.node("orders/by-time").inode) == nil)
  }

  @Test(
    "Bytes that can be no name are not there, and break nothing",
    arguments: [
      [], [0], [0x2f], Array("a/b".utf8), Array("../chk-1".utf8), [0xff, 0xfe],
      Array(repeating: 0x61, count: 255),
    ] as [[UInt8]])
  func hostile(name: [UInt8]) throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      #expect(try tree.lookup(name, in: directory) == nil)
    }
  }

  @Test("A name longer than any can be is refused as on a disk", arguments: [256, 5000])
  func tooLong(count: Int) throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      let error = #expect(throws: TreeError.self) {
        try tree.lookup(Array(repeating: 0x61, count: count), in: directory)
      }
      #expect(error.map(Errno.init) == .fileNameTooLong)
    }
  }

  @Test("A name of any bytes is found and listed as it is")
  func oddBytes() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let checkpoint = Inode.checkpoint(sample.second.id)
    let found = try #require(try tree.lookup(Sample.oddName, in: checkpoint))
    #expect(found.size == 1)
    #expect(try tree.list(checkpoint).map(\.name).contains(Sample.oddName))
  }

  @Test("\".\" leads to the node itself, \"..\" to what is above it")
  func dots() throws {
    let sample = try Sample()
    let tree = sample.tree()
    for directory in try tree.directories() {
      #expect(try tree.lookup(".", in: directory)?.inode == directory)
      for item in try tree.list(directory).dropFirst(2) where item.kind == .directory {
        #expect(try tree.lookup("..", in: item.inode)?.inode == directory)
      }
    }
    #expect(try tree.lookup("..", in: .root)?.inode == .root)
    #expect(try tree.lookup("..", in: .control(.directory))?.inode == .root)
  }

  @Test(
    "\".\" is found in files and links, too, but nothing else is",
    arguments: ["orders/chk-1/000012.sst", "orders/chk-1/CURRENT", "orders/latest"])
  func dotOfFile(path: String) throws {
    let tree = try Sample().tree()
    let file = try tree.node(path)
    #expect(try tree.lookup(".", in: file.inode) == file)
    for name in ["..", "CURRENT"] {
      #expect(
        performing: { _ = try tree.lookup(name, in: file.inode) },
        throws: { if case TreeError.notADirectory = $0 { true } else { false } })
    }
  }

  @Test("A shared file is one node wherever it is; every other file is a node of its own")
  func identity() throws {
    let tree = try Sample().tree()
    let shared = [
      "orders/chk-1/000012.sst", "orders/chk-2/000012.sst", "users/chk-1/000012.sst",
      "orders/chk-10/shard-a/deep/000012.sst",
    ]
    #expect(Set(try shared.map { try tree.node($0) }).count == 1)
    let own = ["orders/chk-1", "orders/chk-2", "orders/chk-10", "users/chk-1"]
    #expect(Set(try own.map { try tree.node("\($0)/CURRENT").inode }).count == 4)
  }

  @Test("A shared file has no second number by its ordinal")
  func noAlias() throws {
    let sample = try Sample()
    let ordinal = try #require(
      try sample.source.entry(at: EntryPath("000012.sst"), of: sample.first.id)
    ).ordinal
    #expect(
      performing: {
        _ = try sample.tree().attributes(of: .entry(sample.first.id, ordinal: ordinal))
      }, throws: isAbsent)
  }
}
