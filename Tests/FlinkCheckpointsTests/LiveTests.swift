// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

/// A job that writes while somebody looks.
@Suite struct LiveTests {
  /// Whether it becomes true within a second, as a mount promises, with room for a busy machine.
  private func becomesTrue(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      if try condition() { return true }
    }
    return false
  }

  private func numbers(_ source: FlinkSource) throws -> [Int64] {
    try source.all().map(\.checkpoint.number.rawValue)
  }

  @Test("checkpoints come and go, and so do the counts of their files")
  func changes() throws {
    let job = try MadeJob()
    try job.write("a", "12345")
    let files = [(name: "000001.sst", path: job.recorded("a"), size: Int64(5))]
    try job.complete(1, MadeJob.metadata(1, files))
    let source = try FlinkSource(job.path)
    #expect(try numbers(source) == [1])
    let first = try #require(try source.all().first).checkpoint
    let path = try EntryPath("\(MadeJob.operatorID)/0/000001.sst")
    #expect(try source.entry(at: path, of: first.id)?.references == 1)

    try job.complete(2, MadeJob.metadata(2, files))
    #expect(try becomesTrue { try numbers(source) == [1, 2] })
    #expect(try source.entry(at: path, of: first.id)?.references == 2)
    #expect(try source.checkpoint(first.id) == first)
    let second = try #require(try source.all().last).checkpoint
    #expect(first.newBytes - second.newBytes == 5, "the second has the first one's file")

    try FileSystemCalls.removeTree(job.path.appending("chk-1"))
    #expect(try becomesTrue { try numbers(source) == [2] })
    #expect(try source.checkpoint(first.id) == nil)
    #expect(try source.entries(of: first.id, in: nil, from: 0, limit: 10).isEmpty)
    let inode = SharedInode(try #require(source.current().files.records.first).key)
    #expect(try source.sharedFile(inode)?.references == 1)
  }

  @Test("a checkpoint that is being written is not shown before it is whole")
  func halfWritten() throws {
    let job = try MadeJob()
    let source = try FlinkSource(job.path.removingLastComponent())
    #expect(try numbers(source).isEmpty)
    let metadata = MadeJob.metadata(7, [])
    try FileSystemCalls.makeDirectory(job.path.appending("chk-7"))
    for length in stride(from: 0, to: metadata.count, by: metadata.count / 5) {
      try job.complete(7, Array(metadata.prefix(length)))
      #expect(try becomesTrue { try source.damaged.first?.isTruncated == true })
      #expect(try numbers(source).isEmpty)
    }
    try job.complete(7, metadata)
    #expect(try becomesTrue { try numbers(source) == [7] })
    #expect(try source.damaged.isEmpty)
  }

  @Test("a number that a job takes again after a new start is another checkpoint")
  func reuse() throws {
    let job = try MadeJob()
    try job.complete(1, MadeJob.metadata(1, []))
    let source = try FlinkSource(job.path)
    let first = try #require(try source.all().first).checkpoint
    try FileSystemCalls.removeTree(job.path.appending("chk-1"))
    try job.complete(1, MadeJob.metadata(1, [], operatorName: "another"))
    #expect(try becomesTrue { try source.all().first.map { $0.checkpoint.id != first.id } == true })
    #expect(try source.checkpoint(first.id) == nil)
  }

  @Test("names of operators that no file may have are links all the same")
  func hostileNames() throws {
    let job = try MadeJob()
    let name = "Source: a/b\n" + String(repeating: "ü", count: 400)
    try job.complete(1, MadeJob.metadata(1, [], operatorName: name))
    let source = try FlinkSource(job.path)
    let id = try #require(try source.all().first).checkpoint.id
    let links = try source.entries(of: id, in: EntryPath("by-name"), from: 0, limit: 10)
    #expect(links.count == 1)
    let link = try #require(links.first)
    #expect(link.entry.kind == .link(target: Array("../\(MadeJob.operatorID)".utf8)))
    #expect(link.entry.path.name.count <= 255)
    #expect(link.entry.path.name.starts(with: "Source: a%2Fb%0A".utf8))
  }

  @Test("savepoints and jobs that lie beside the checkpoints of a job are shown, too")
  func neighbours() throws {
    let job = try MadeJob()
    try job.complete(1, MadeJob.metadata(1, []))
    for name in ["savepoint-012345-6789abcdef01", "fedcba9876543210fedcba9876543210/chk-4"] {
      var directory = job.path
      for component in name.split(separator: "/") {
        directory.append(String(component))
        try FileSystemCalls.makeDirectory(directory)
      }
      try directory.appending("_metadata").write(MadeJob.metadata(4, []))
    }
    let shown = try FlinkSource(job.path).all().map {
      "\($0.history.name) \($0.checkpoint.number.rawValue)"
    }
    #expect(
      shown.sorted() == [
        "\(MadeJob.name) 1", "fedcba9876543210fedcba9876543210 4",
        "savepoint-012345-6789abcdef01 4",
      ])
  }
}
