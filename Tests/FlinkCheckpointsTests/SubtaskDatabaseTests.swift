// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

/// Each subtask's directory is one that RocksDB opens, with the rows that Flink had.
@Suite struct SubtaskDatabaseTests {
  /// Those whose tables are among the fixtures.
  static let samples = Sample.all.filter { (try? $0.text("databases.txt").isEmpty) == false }

  private struct Rows: Hashable {
    let family: String
    let count: Int
  }

  /// From `databases.txt`: by checkpoint's directory and the subtask's in it.
  private func expected(_ sample: Sample) throws -> [[String]: Set<Rows>] {
    var databases: [[String]: Set<Rows>] = [:]
    for line in try sample.text("databases.txt").split(separator: "\n") {
      // The name of a column family may hold blanks.
      let words = line.split(separator: " ")
      let family = words[3..<words.count - 1].joined(separator: " ")
      let count = try #require(Int(words[words.count - 1]))
      databases[[String(words[0]), "\(words[1])/\(words[2])"], default: []]
        .insert(Rows(family: family, count: count))
    }
    return databases
  }

  @Test("column families and their entries are those of the job", arguments: samples)
  func rows(sample: Sample) throws {
    let tree = try SampleTree(sample)
    let source = try FlinkSource(tree.path)
    let expected = try expected(sample)
    #expect(!expected.isEmpty)
    for (place, rows) in expected {
      let checkpoint = try #require(try checkpoint(place[0], source))
      let scratch = try ScratchDirectory()
      let subtask = try EntryPath(place[1])
      for record in try source.walk(checkpoint.id, in: subtask) {
        let name = String(decoding: record.entry.path.name, as: UTF8.self)
        try scratch.path.appending(name).write(#require(try source.read(record)))
      }
      #expect(try self.rows(in: scratch.path) == rows, "\(place)")
    }
  }

  private func rows(in directory: FilePath) throws -> Set<Rows> {
    var options = DatabaseOptions()
    options.appendsMerges = true
    let database = try Database(readOnly: directory, options: options)
    var rows: Set<Rows> = []
    for family in database.columnFamilies {
      var count = 0
      try database.scan(in: family) { _, _ in
        count += 1
        return true
      }
      rows.insert(Rows(family: family.name, count: count))
    }
    return rows
  }

  private func checkpoint(_ directory: String, _ source: FlinkSource) throws -> CheckpointRecord? {
    let index = try source.current()
    return index.checkpoints.values.joined().first {
      $0.found.directory.string.hasSuffix("/" + directory)
    }?.record
  }
}
