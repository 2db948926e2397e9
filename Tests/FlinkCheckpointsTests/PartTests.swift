// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkWriting
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

/// Where parts are shown that no sample has.
@Suite struct PartTests {
  /// A savepoint of one operator with all kinds of state beside RocksDB.
  private func metadata() -> [UInt8] {
    var builder = MetadataBuilder(version: 6, checkpoint: 0, masterStates: 2)
    for _ in 0..<2 {
      builder.integer(0xC96B_1696 as UInt32)
      builder.int(4 + 5 + 4 + 2)
      builder.int(1)
      builder.text("a/b")
      builder.data([8, 9])
    }
    builder.int(1)
    builder.operatorHeader(version: 6, name: "n", parallelism: 2)
    builder.inline("coordinator", [1])
    builder.int(2)
    builder.int(-1)  // subtask 0 has ended
    builder.int(1)
    builder.int(0)
    builder.int(1)
    builder.byte(4)
    builder.int(0)
    builder.inline("raw", [1, 2])
    builder.byte(14)
    builder.keyGroups(0, 1)
    builder.long(5)
    builder.int(2)
    for number in 1...2 as ClosedRange<UInt8> {
      builder.byte(5)
      builder.long(4)
      builder.text("backend")
      builder.keyGroups(0, 1)
      builder.inline("meta", [number])
      builder.int(0)
      builder.int(1)
      builder.text("CURRENT")
      builder.inline("current", [number, number])
    }
    builder.int(1)
    builder.byte(9)
    builder.keyGroups(0, 1)
    builder.long(0)
    builder.long(1)
    builder.int(1)
    builder.int(0)
    builder.data([7])
    builder.text("in memory")
    builder.long(1)
    builder.long(1)
    builder.text("changelog")
    builder.byte(7)
    builder.keyGroups(0, 0)
    builder.byte(6)
    builder.text("beside")
    builder.long(6)
    builder.int(2)
    for channel in 0...1 as ClosedRange<Int32> {
      builder.byte(1)
      for number in [1, 0, channel] { builder.int(number) }
      builder.longs([0])
      builder.long(3)
      builder.byte(6)
      builder.text("beside")
      builder.long(6)
    }
    builder.int(1)
    builder.byte(4)
    builder.int(1)
    builder.long(3)
    builder.byte(16)
    builder.data([])
    builder.finish(version: 6)
    return builder.bytes
  }

  @Test("every kind of state has a place and a name, and its bytes")
  func places() throws {
    let scratch = try ScratchDirectory()
    let savepoint = try scratch.directory("savepoint-1")
    try savepoint.appending("_metadata").write(metadata())
    try savepoint.appending("beside").write("beside")
    let source = try FlinkSource(savepoint)
    // Tools number savepoints 0, which no checkpoint has.
    let (_, checkpoint) = try #require(try source.all().first)
    #expect(checkpoint.number.rawValue == 1)
    var contents: [String: [UInt8]] = [:]
    for record in try source.walk(checkpoint.id) where record.entry.content != nil {
      contents["\(record.entry.path)"] = try source.read(record)
    }
    contents["_metadata"] = nil
    contents["metadata.json"] = nil
    let subtask = "\(MadeJob.operatorID)/1"
    let beside = Array("beside".utf8)
    #expect(
      contents == [
        "master/0-a%252Fb": [8, 9], "master/1-a%252Fb": [8, 9],
        "\(MadeJob.operatorID)/coordinator": [1], "\(subtask)/CURRENT": [1, 1],
        "\(subtask).state/raw-operator": [1, 2], "\(subtask).state/states": [1],
        "\(subtask).state/states-1": [2], "\(subtask).state/database-1/CURRENT": [2, 2],
        "\(subtask).state/changelog/000000": [0, 0, 0, 0, 0, 0, 0, 1, 7],
        "\(subtask).state/raw-key-groups": beside,
        "\(subtask).state/input/000000-gate-0-channel-0": beside,
        "\(subtask).state/input/000001-gate-0-channel-1": beside,
        "\(subtask).state/output/000000-merged": [],
      ])
    let overview = try #require(try source.overview(of: checkpoint.id))
    #expect(overview.operators.first?.subtasks.map(\.isFinished) == [true, false])
    #expect(overview.checkpoint == 0)
    let names = ["000000-gate-0-channel-0", "000001-gate-0-channel-1"]
    let channels = try names.map { name in
      try source.entry(at: EntryPath("\(subtask).state/input/\(name)"), of: checkpoint.id)
    }
    #expect(channels.map { $0?.references } == [1, 1], "one checkpoint uses the file")
    #expect(channels.first??.entry.kind == channels.last??.entry.kind, "one file, one inode")
  }

  @Test("a relative path that leads out of the checkpoint is not followed")
  func escaping() throws {
    let scratch = try ScratchDirectory()
    let savepoint = try scratch.directory("savepoint-1")
    try scratch.path.appending("secret").write("secret")
    let bytes = MetadataBuilder.keyed(version: 6) { builder in
      builder.byte(7)
      builder.keyGroups(0, 0)
      builder.byte(6)
      builder.text("../secret")
      builder.long(6)
    }
    try savepoint.appending("_metadata").write(bytes)
    let source = try FlinkSource(savepoint)
    #expect(
      try source.missingFiles().map(\.reason) == ["its relative path leads out of the checkpoint"])
  }

  @Test("a link in place of a file is not followed")
  func links() throws {
    let job = try MadeJob()
    try job.path.removingLastComponent().appending("outside").write("secret")
    try FileSystemCalls.makeSymbolicLink(job.path.appending("shared/a"), to: "../../outside")
    try job.complete(1, MadeJob.metadata(1, [(name: "a", path: job.recorded("a"), size: 6)]))
    let source = try FlinkSource(job.path)
    #expect(try source.missingFiles().count == 1)
  }
}
