// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import Logging
import TestSupport

/// A source with every kind of thing in it.
///
///     orders/chk-1        CURRENT 000012.sst
///     orders/chk-2        CURRENT 000012.sst 000013.sst "\xff \n"
///     orders/chk-10       CURRENT 000013.sst shard-a/CURRENT shard-a/deep/000012.sst
///     orders/tags         before-upgrade -> ../chk-2
///     users/chk-1         CURRENT 000012.sst
struct Sample {
  let source: MemorySource
  let first: CheckpointRecord
  let second: CheckpointRecord
  let third: CheckpointRecord
  let other: CheckpointRecord
  let tag: TagRecord

  /// 2026-11-22T10:15:00Z
  static let start: Int64 = 1_795_342_500
  static let oddName: [UInt8] = [0xff, 0x20, 0x0a]
  static let facts = MountFacts(
    version: "1.2.3", processID: 4711, mountPoint: "/mnt", mounted: time(-100),
    owner: Ownership(user: 7, group: 8), openFileLimit: 1024)
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  static let table = "a table that checkpoints share"
  static let newTable = "another table"

  init() throws {
    source = try MemorySource(name: "/srv/store")
    first = try source.complete(
      "orders", 1, [.own("CURRENT", "MANIFEST-1\n"), .shared("000012.sst", Self.table)],
      completed: Self.time(0))
    second = try source.complete(
      "orders", 2,
      [
        .own("CURRENT", "MANIFEST-2\n"), .shared("000012.sst", Self.table),
        .shared("000013.sst", Self.newTable),
        MemoryFile(
          path: EntryPath(bytes: Self.oddName), bytes: [1], modified: Self.time(5),
          isShared: false),
      ], completed: Self.time(10))
    third = try source.complete(
      "orders", 10,
      [
        .own("CURRENT", "MANIFEST-2\n"), .shared("000013.sst", Self.newTable),
        .own("shard-a/CURRENT", "MANIFEST-3\n"), .shared("shard-a/deep/000012.sst", Self.table),
      ], completed: Self.time(20), owner: Ownership(user: 21, group: 22))
    tag = try source.tag(second, "before-upgrade", created: Self.time(30))
    other = try source.complete(
      "users", 1, [.own("CURRENT", "MANIFEST-1\n"), .shared("000012.sst", Self.table)],
      completed: Self.time(40))
  }

  /// So many seconds after the first checkpoint.
  static func time(_ seconds: Int64) -> Timestamp {
    Timestamp(seconds: start + seconds, nanoseconds: 123)
  }

  func tree(_ options: MountOptions = MountOptions()) -> CheckpointTree {
    CheckpointTree(source: source, options: options, facts: Self.facts, logger: Self.logger)
  }
}

extension CheckpointTree {
  func lookup(_ name: String, in directory: Inode) throws(TreeError) -> NodeAttributes? {
    try lookup(Array(name.utf8), in: directory)
  }

  /// Follows a path from the root, name by name.
  func walk(_ path: String) throws -> NodeAttributes? {
    var attributes = try attributes(of: .root)
    for name in path.split(separator: "/") {
      guard let next = try lookup(String(name), in: attributes.inode) else { return nil }
      attributes = next
    }
    return attributes
  }

  func node(_ path: String) throws -> NodeAttributes {
    guard let attributes = try walk(path) else { throw TreeError.absent }
    return attributes
  }

  /// A whole listing, `limit` names at a time.
  func list(
    _ directory: Inode, from offset: Int64 = 0, limit: Int = 7
  ) throws(TreeError) -> [DirectoryItem] {
    var items: [DirectoryItem] = []
    var offset = offset
    while true {
      let portion = try self.items(of: directory, from: offset, limit: limit)
      guard let last = portion.last else { return items }
      items += portion
      precondition(last.nextOffset > offset, "a listing that goes back never ends")
      offset = last.nextOffset
    }
  }

  /// The names of a listing without "." and "..", as text.
  func names(_ path: String) throws -> [String] {
    try list(node(path).inode).dropFirst(2).map { String(decoding: $0.name, as: UTF8.self) }
  }

  /// All directories, those of `.ckptfs` included.
  func directories() throws -> [Inode] {
    var found: [Inode] = [.root, .control(.directory)]
    var next = 0
    while next < found.count {
      found += try list(found[next]).dropFirst(2).filter { $0.kind == .directory }.map(\.inode)
      next += 1
    }
    return found
  }
}

func isAbsent(_ error: any Error) -> Bool {
  if case TreeError.absent = error { true } else { false }
}
