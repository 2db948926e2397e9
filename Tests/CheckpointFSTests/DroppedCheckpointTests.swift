// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import TestSupport
import Testing

@Suite("After a checkpoint was dropped")
struct DroppedCheckpointTests {
  @Test("Nothing of it is there by name or by number; the shared files of others are")
  func everywhere() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let second = Inode.checkpoint(sample.second.id)
    let gone =
      try [
        second, .tag(sample.tag.id), .time(sample.second.id),
        .control(.checkpoint(sample.second.id)),
      ]
      + tree.list(second).dropFirst(2).map(\.inode).filter {
        if case .entry = $0 { true } else { false }
      }
    let table = try tree.node("orders/chk-2/000012.sst").inode
    #expect(gone.count == 6)
    sample.source.drop(sample.second.id)
    for inode in gone {
      #expect(performing: { _ = try tree.attributes(of: inode) }, throws: isAbsent)
    }
    #expect(performing: { _ = try tree.target(of: .tag(sample.tag.id)) }, throws: isAbsent)
    #expect(try tree.walk("orders/chk-2") == nil)
    #expect(try tree.walk("orders/tags/before-upgrade") == nil)
    #expect(try tree.walk("orders/by-time/2026-11-22T101510Z-chk-2") == nil)
    #expect(try tree.walk(".ckptfs/checkpoints/orders/chk-2.json") == nil)
    #expect(try tree.attributes(of: table).links == 3)
  }

  @Test("Its directories cannot be listed, at no offset, though they were open")
  func listing() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let directories = [
      try tree.node("orders/chk-10").inode, try tree.node("orders/chk-10/shard-a").inode,
      try tree.node("orders/chk-10/shard-a/deep").inode,
    ]
    sample.source.drop(sample.third.id)
    for directory in directories {
      for offset in [0, 1, 2, 3, 100] as [Int64] {
        #expect(
          performing: { _ = try tree.items(of: directory, from: offset, limit: 10) },
          throws: isAbsent)
      }
    }
    #expect(try tree.target(of: .latest(sample.first.history)) == Array("chk-2".utf8))
  }

  @Test("A shared file is gone with its last reference")
  func lastReference() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let inode = try tree.node("orders/chk-2/000013.sst").inode
    sample.source.drop(sample.second.id)
    #expect(try tree.attributes(of: inode).links == 1)
    sample.source.drop(sample.third.id)
    #expect(performing: { _ = try tree.attributes(of: inode) }, throws: isAbsent)
  }

  @Test("A history that is gone is gone with all that belongs to it")
  func history() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let id = sample.first.history
    let inodes: [Inode] = [
      .history(id), .latest(id), .tags(id), .byTime(id), .control(.history(id)),
    ]
    sample.source.drop(id)
    for inode in inodes {
      #expect(performing: { _ = try tree.attributes(of: inode) }, throws: isAbsent)
    }
    for inode in inodes where inode != .latest(id) {
      #expect(
        performing: { _ = try tree.items(of: inode, from: 0, limit: 9) }, throws: isAbsent)
    }
    #expect(try tree.names("") == ["users"])
  }

  @Test("A renamed history is the same nodes under another name")
  func rename() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let before = try tree.node("orders/chk-1/CURRENT").inode
    try sample.source.rename(sample.first.history, to: "sales")
    #expect(try tree.walk("orders") == nil)
    #expect(try tree.node("sales/chk-1/CURRENT").inode == before)
  }
}
