// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import TestSupport
import Testing

@Suite("Listing directories")
struct ListingTests {
  @Test("Each name of a listing is found by lookup, as the same node with the same attributes")
  func listingEqualsLookup() throws {
    let tree = try Sample().tree()
    let directories = try tree.directories()
    #expect(directories.count == 17)
    for directory in directories {
      for item in try tree.list(directory) {
        let found = try #require(try tree.lookup(item.name, in: directory))
        #expect(found.inode == item.inode)
        #expect(found.kind == item.kind)
        #expect(item.attributes == nil || item.attributes == found)
        // The metrics are of another moment, and may be of another size.
        if item.inode == .control(.metrics) { continue }
        #expect(try tree.attributes(of: item.inode) == found)
      }
    }
  }

  @Test("A listing that goes on at any offset goes on with the next name")
  func restart() throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      let all = try tree.list(directory)
      for (index, item) in all.enumerated() {
        #expect(
          try tree.list(directory, from: item.nextOffset) == Array(all[(index + 1)...]))
      }
    }
  }

  @Test("However many names are read at a time, a listing is the same", arguments: 1...12)
  func limits(limit: Int) throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      #expect(try tree.list(directory, limit: limit) == tree.list(directory, limit: 1000))
    }
  }

  @Test("Offsets rise, and only the start is 0")
  func offsets() throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      let offsets = try tree.list(directory).map(\.nextOffset)
      #expect(offsets == Array(Set(offsets)).sorted())
      #expect(offsets[0] > 0)
    }
  }

  @Test(
    "An offset that no listing gave ends in no harm",
    arguments: [.min, -1, 6, 1000, .max - 6, .max - 1, .max] as [Int64])
  func foreignOffsets(offset: Int64) throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      let all = Set(try tree.list(directory).map(\.name))
      #expect(all.isSuperset(of: try tree.list(directory, from: offset).map(\.name)))
    }
  }

  @Test("Every listing begins with \".\" and \"..\"")
  func dots() throws {
    let tree = try Sample().tree()
    for directory in try tree.directories() {
      #expect(try tree.list(directory).prefix(2).map(\.name) == [[0x2e], [0x2e, 0x2e]])
    }
  }

  @Test("The root does not list .ckptfs, though it can be looked up")
  func hidden() throws {
    let tree = try Sample().tree()
    #expect(try !tree.names("").contains(".ckptfs"))
    #expect(try tree.walk(".ckptfs")?.kind == .directory)
  }

  @Test("What is dropped or completed between two portions shifts no other name")
  func changesMeanwhile() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let history = Inode.history(sample.first.history)
    // ".", "..", "latest", "tags", "by-time" and "chk-1".
    let portion = try tree.items(of: history, from: 0, limit: 6)
    sample.source.drop(sample.first.id)
    try sample.source.complete("orders", 11, [], completed: Sample.time(50))
    let rest = try tree.list(history, from: try #require(portion.last).nextOffset)
    #expect(rest.map { String(decoding: $0.name, as: UTF8.self) } == ["chk-2", "chk-10", "chk-11"])
  }

  @Test("Without a checkpoint there is no `latest`, and the other names keep their offsets")
  func emptyHistory() throws {
    let sample = try Sample()
    let tree = sample.tree()
    let history = Inode.history(sample.other.history)
    let before = try tree.list(history)
    sample.source.drop(sample.other.id)
    let after = try tree.list(history, limit: 1)
    #expect(try tree.names("users") == ["tags", "by-time"])
    #expect(after.map(\.nextOffset) == before.map(\.nextOffset).filter { $0 != 3 && $0 < 6 })
    #expect(try tree.walk("users/latest") == nil)
  }

  @Test("10,000 checkpoints are listed in portions of bounded size, each once and in order")
  func manyCheckpoints() throws {
    let source = try MemorySource()
    let entries = try source.prepare([.shared("1.sst", "x"), .own("CURRENT", "y")])
    for number in 1...10_000 as ClosedRange<Int64> {
      try source.complete("orders", number * 3, entries, completed: Sample.time(number))
    }
    let tree = CheckpointTree(
      source: source, options: MountOptions(), facts: Sample.facts, logger: Sample.logger)
    for path in ["orders", "orders/by-time", ".ckptfs/checkpoints/orders"] {
      let directory = try tree.node(path).inode
      let keyed = try tree.list(directory, limit: 64).filter { $0.inode.isOfCheckpoint }
      #expect(keyed.count == 10_000)
      #expect(keyed.map(\.nextOffset) == keyed.map(\.nextOffset).sorted())
    }
    #expect(try tree.names("orders").last == "chk-30000")
    #expect(source.largestPortion <= 64)
  }

  @Test("The greatest number that a checkpoint can have is listed, and ends the listing")
  func greatestNumber() throws {
    let source = try MemorySource()
    for (index, number) in ([1, (1 << 62) - 10, (1 << 62) - 1] as [Int64]).enumerated() {
      try source.complete("orders", number, [], completed: Sample.time(Int64(index)))
    }
    let tree = CheckpointTree(
      source: source, options: MountOptions(), facts: Sample.facts, logger: Sample.logger)
    #expect(
      try tree.names("orders").suffix(3) == [
        "chk-1", "chk-4611686018427387894", "chk-4611686018427387903",
      ])
  }

  @Test(
    "What is no directory cannot be listed",
    arguments: [
      "orders/latest", "orders/chk-1/CURRENT", "orders/chk-1/000012.sst",
      ".ckptfs/status.json",
    ])
  func noDirectory(path: String) throws {
    let tree = try Sample().tree()
    let inode = try tree.node(path).inode
    #expect(
      performing: { _ = try tree.list(inode) },
      throws: { if case TreeError.notADirectory = $0 { true } else { false } })
  }
}

extension Inode {
  fileprivate var isOfCheckpoint: Bool {
    switch self {
    case .checkpoint, .time, .control(.checkpoint): true
    default: false
    }
  }
}
