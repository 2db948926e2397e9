// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import Testing

@Suite("Inode numbers")
struct InodeTests {
  static let ids: [Int64] = [0, 1, 2, 1 << 24 - 1, 1 << 24, Inode.greatestID - 1, Inode.greatestID]
  static let ordinals = [0, 1, 2, Inode.greatestOrdinal - 1, Inode.greatestOrdinal]

  /// Every kind of node, at the edges of what its number holds.
  static let edges: [Inode] =
    [
      .root, .control(.directory), .control(.status), .control(.metrics), .control(.histories),
      .control(.report(.unreferenced)), .control(.report(.missing)),
      .shared(SharedInode(Digest(hashing: []))),
      .shared(SharedInode(rawValue: 1 << 62)!), .shared(SharedInode(rawValue: 1 << 63 - 1)!),
    ]
    + ids.flatMap { id -> [Inode] in
      let history = HistoryID(rawValue: id)
      let checkpoint = CheckpointID(rawValue: id)
      return [
        .history(history), .latest(history), .tags(history), .byTime(history),
        .tag(TagID(rawValue: id)), .time(checkpoint), .checkpoint(checkpoint),
        .control(.history(history)), .control(.checkpoint(checkpoint)),
      ] + ordinals.map { .entry(checkpoint, ordinal: $0) }
    }

  @Test("A number alone says which node it is", arguments: edges)
  func roundTrip(inode: Inode) {
    #expect(Inode(rawValue: inode.rawValue) == inode)
  }

  @Test("No two nodes have one number")
  func distinct() {
    #expect(Set(Self.edges.map(\.rawValue)).count == Self.edges.count)
  }

  @Test("Bit 63 is clear, and bit 62 is set for shared files only", arguments: edges)
  func bits(inode: Inode) {
    #expect(inode.rawValue >> 63 == 0)
    #expect(inode.rawValue != 0)
    if case .shared = inode {
      #expect(inode.rawValue >> 62 == 1)
    } else {
      #expect(inode.rawValue >> 62 == 0)
    }
  }

  @Test("The numbers are the documented ones, for ever")
  func durable() {
    #expect(Inode.root.rawValue == 1)
    #expect(Inode.control(.directory).rawValue == 2)
    #expect(Inode.history(HistoryID(rawValue: 1)).rawValue == 0x0400_0000_0100_0000)
    #expect(Inode.checkpoint(CheckpointID(rawValue: 5)).rawValue == 0x1c00_0000_0500_0000)
    #expect(
      Inode.entry(CheckpointID(rawValue: 5), ordinal: 7).rawValue == 0x2000_0000_0500_0007)
    #expect(Inode.time(CheckpointID(rawValue: 5)).rawValue == 0x1800_0000_0500_0000)
  }

  @Test(
    "A number that no node has is refused",
    arguments: [
      0, 8, 1 << 24, 1 << 24 | 1, 1 << 58 | 1, 7 << 58 | 1 << 24 | 1, 11 << 58, 15 << 58,
      1 << 63, .max,
    ] as [UInt64])
  func unknown(number: UInt64) {
    #expect(Inode(rawValue: number) == nil)
  }

  @Test("An id beyond 34 bits is a broken rule of ours")
  func idTooGreat() async {
    await #expect(processExitsWith: .failure) {
      print(Inode.history(HistoryID(rawValue: Inode.greatestID + 1)).rawValue)
    }
    await #expect(processExitsWith: .failure) {
      print(Inode.history(HistoryID(rawValue: -1)).rawValue)
    }
  }

  @Test("An ordinal beyond 24 bits is a broken rule of ours")
  func ordinalTooGreat() async {
    await #expect(processExitsWith: .failure) {
      let id = CheckpointID(rawValue: 1)
      print(Inode.entry(id, ordinal: Inode.greatestOrdinal + 1).rawValue)
    }
  }
}
