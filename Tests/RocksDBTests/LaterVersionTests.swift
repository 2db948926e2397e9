// SPDX-License-Identifier: Apache-2.0
import Foundation
import RocksDB
import SystemPackage
import Testing

/// CURRENT, MANIFEST and file sizes of checkpoints that RocksDB 9.8.4 made, which the linked version
/// cannot open when they have block format 6.
@Suite struct LaterVersionTests {
  static let checkpoints = [5, 6].flatMap { format in
    (0...5).map { "rocksdb-9.8/format-\(format)/cp-\($0)" }
  }

  @Test("every checkpoint of RocksDB 9.8 is complete", arguments: checkpoints)
  func complete(name: String) throws {
    let (description, sizes) = try Self.load(name)
    #expect(description.missingFiles { sizes[$0] } == [])
    #expect(!description.tailIsTruncated)
    #expect(description.manifestValidLength == description.manifestSize)
    #expect(description.columnFamilies.map(\.name) == ["default", "users"])
    let comparators = Set(description.columnFamilies.map(\.comparator))
    #expect(comparators == ["leveldb.BytewiseComparator"])
    #expect(description.databaseID != nil)
    let onDisk = sizes.keys.filter { $0.hasSuffix(".sst") }.sorted()
    #expect(description.tables.map(\.name) == onDisk)
    #expect(description.tables.allSatisfy { $0.uniqueID != nil })
    #expect(Set(description.tables.map(\.uniqueID)).count == description.tables.count)
  }

  @Test("sequence numbers, levels and logs of a checkpoint of RocksDB 9.8 are as ldb says")
  func details() throws {
    let (description, _) = try Self.load("rocksdb-9.8/format-6/cp-5")
    #expect(description.lastSequence == 22415)
    #expect(description.minimumLogNumber.rawValue == 39)
    let top = description.tables.filter { $0.level == 0 && $0.columnFamily == .default }
    #expect(top.map(\.number.rawValue) == [35, 37, 40])
    #expect(top.map(\.smallestSequence) == [17773, 20317, 22216])
    #expect(top.map(\.largestSequence) == [20316, 21915, 22415])
  }

  static func directory(_ name: String) throws -> FilePath {
    let resources = try #require(Bundle.module.resourceURL)
    return FilePath(resources.appending(path: "Fixtures/\(name)").path)
  }

  static func load(_ name: String) throws -> (DatabaseDescription, [String: UInt64]) {
    let directory = try directory(name)
    let list = String(
      decoding: try contents(of: directory.appending("sizes.txt")), as: UTF8.self)
    var sizes: [String: UInt64] = [:]
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      sizes[String(words[0])] = UInt64(words[1])
    }
    return (try DatabaseDirectory.describe(directory), sizes)
  }
}
