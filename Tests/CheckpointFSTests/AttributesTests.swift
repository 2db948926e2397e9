// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import TestSupport
import Testing

@Suite("Attributes")
struct AttributesTests {
  @Test("The link count of a shared file is the number of entries that refer to it, never 0")
  func sharedLinks() throws {
    let sample = try Sample()
    let tree = sample.tree()
    #expect(try tree.node("users/chk-1/000012.sst").links == 4)
    #expect(try tree.node("orders/chk-2/000013.sst").links == 2)
    sample.source.drop(sample.first.id)
    #expect(try tree.node("users/chk-1/000012.sst").links == 3)
    #expect(try tree.node("orders/chk-2/000013.sst").links == 2)
  }

  @Test("Every other file and every link has one link")
  func ownLinks() throws {
    let tree = try Sample().tree()
    for path in ["orders/chk-1/CURRENT", "orders/latest", ".ckptfs/status.json"] {
      #expect(try tree.node(path).links == 1)
    }
  }

  @Test("Every directory has one link, so that find descends without counting")
  func directoryLinks() throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      #expect(try tree.attributes(of: directory).links == 1)
    }
  }

  @Test(
    "Modes make a usable copy, 0755, 0644 and 0777, unless umask asks for others",
    arguments: [
      ("", 0o755, 0o644), ("umask=077", 0o700, 0o600), ("umask=0", 0o777, 0o666),
      ("umask=0227", 0o550, 0o440),
    ] as [(String, UInt16, UInt16)])
  func modes(options: String, directory: UInt16, file: UInt16) throws {
    let tree = try Sample().tree(MountOptions(options))
    func permissions(_ path: String) throws -> UInt16 {
      try tree.node(path).permissions(umask: tree.options.umask)
    }
    #expect(try permissions("orders/chk-1") == directory)
    #expect(try permissions("orders/chk-1/000012.sst") == file)
    #expect(try permissions("orders/latest") == 0o777)
  }

  @Test("Owners are those of the commit; what no commit brought belongs to the mount's owner")
  func owners() throws {
    let tree = try Sample().tree()
    let committed = Ownership(user: 21, group: 22)
    for path in ["orders/chk-10", "orders/chk-10/CURRENT", "orders/chk-10/shard-a"] {
      #expect(try tree.node(path).owner == committed)
    }
    for path in ["", "orders", "orders/latest", "orders/tags", ".ckptfs", ".ckptfs/status.json"] {
      #expect(try tree.node(path).owner == Sample.facts.owner)
    }
  }

  @Test("The options uid and gid overrule all owners, each by itself")
  func ownersByOption() throws {
    let tree = try Sample().tree(MountOptions("uid=99"))
    #expect(try tree.node("orders/chk-10/CURRENT").owner == Ownership(user: 99, group: 22))
    #expect(try tree.node("orders").owner == Ownership(user: 99, group: 8))
    let both = try Sample().tree(MountOptions("uid=0,gid=5"))
    #expect(try both.node("orders/chk-1/000012.sst").owner == Ownership(user: 0, group: 5))
  }

  @Test("A checkpoint and its directories have its completion time, files that of their source")
  func times() throws {
    let tree = try Sample().tree()
    for path in [
      "orders/chk-10", "orders/chk-10/shard-a", "orders/latest",
      "orders/by-time/2026-11-22T101520Z-chk-10",
    ] {
      #expect(try tree.node(path).modified == Sample.time(20))
    }
    let source = Timestamp(seconds: 1_700_000_000, nanoseconds: 500)
    for path in ["orders/chk-1/CURRENT", "orders/chk-1/000012.sst"] {
      #expect(try tree.node(path).modified == source)
    }
  }

  @Test("A history has the time of its last change, and the root that of any history")
  func changeTimes() throws {
    let sample = try Sample()
    let tree = sample.tree()
    for path in ["orders", "orders/tags", "orders/by-time"] {
      #expect(try tree.node(path).modified == Sample.time(30))
    }
    #expect(try tree.node("").modified == Sample.time(40))
    #expect(try tree.node("orders/tags/before-upgrade").modified == Sample.time(30))
    sample.source.drop(sample.first.history)
    sample.source.drop(sample.other.history)
    #expect(try tree.node("").modified == Sample.facts.mounted)
  }

  @Test(
    "Blocks are of 512 bytes, begun ones counted",
    arguments: [(0, 0), (1, 1), (512, 1), (513, 2), (UInt64.max, 1 << 55)] as [(UInt64, UInt64)])
  func blocks(size: UInt64, blocks: UInt64) {
    let attributes = NodeAttributes.file(
      .root, size: size, owner: Sample.facts.owner, modified: Sample.time(0))
    #expect(attributes.blocks == blocks)
    let link = NodeAttributes.link(
      .root, target: [1], owner: Sample.facts.owner, modified: Sample.time(0))
    #expect(link.blocks == 0)
  }
}
