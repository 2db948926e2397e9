// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import Glibc
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

@Suite struct ExportTests {
  @Test("an export has every file once, after the directories that hold it", arguments: Sample.all)
  func whole(sample: Sample) throws {
    let tree = try SampleTree(sample)
    let source = try FlinkSource(tree.path)
    let (_, checkpoint) = try #require(try source.all().last)
    var directories: Set<EntryPath> = []
    var files: Set<EntryPath> = []
    try source.export(checkpoint.id) { file in
      if let parent = file.path.parent { #expect(directories.contains(parent)) }
      switch file.content {
      case .directory: #expect(directories.insert(file.path).inserted)
      case .file(let path):
        #expect(files.insert(file.path).inserted)
        let record = try #require(try source.entry(at: file.path, of: checkpoint.id))
        #expect(try source.read(record) == path.read())
      case .bytes(let opened):
        #expect(files.insert(file.path).inserted)
        let record = try #require(try source.entry(at: file.path, of: checkpoint.id))
        #expect(record.entry.content?.size == UInt64(opened.length))
      }
    }
    let shown = try source.walk(checkpoint.id).filter { $0.entry.content != nil }
    #expect(files == Set(shown.map(\.entry.path)))
  }

  @Test("an export of a checkpoint with a missing file fails")
  func missing() throws {
    let job = try MadeJob()
    try job.complete(
      1, MadeJob.metadata(1, [(name: "000001.sst", path: job.recorded("absent"), size: 1)]))
    let source = try FlinkSource(job.path)
    let id = try #require(try source.all().first).checkpoint.id
    #expect(throws: SourceError.self) { try source.export(id) { _ in } }
  }

  @Test(
    "Security: root does not show a file that the directory's owner has linked in but may not read",
    .enabled(if: geteuid() == 0, "only root can give files away"), arguments: [0o600, 0o644])
  func borrowed(_ mode: Int) throws {
    let job = try MadeJob()
    let secret = job.path.removingLastComponent().appending("secret")
    try secret.write("a secret of root")
    try secret.setPermissions(mode)
    try FileSystemCalls.link(secret, as: job.path.appending("shared/linked"))
    try job.path.appending("shared").setOwner(user: 1002, group: 1002)
    try job.complete(
      1, MadeJob.metadata(1, [(name: "000001.sst", path: job.recorded("linked"), size: 16)]))
    let source = try FlinkSource(job.path)
    let id = try #require(try source.all().first).checkpoint.id
    if mode == 0o644 {
      try source.export(id) { _ in }
    } else {
      let error = try #require(throws: SourceError.self) { try source.export(id) { _ in } }
      #expect(error.code == .damaged && error.message.contains("hard link"), "\(error)")
      #expect(try source.missingFiles().map(\.reason).count { $0.contains("hard link") } == 1)
    }
    // What root itself has put together is root's to show.
    try job.path.appending("shared").setOwner(user: 0, group: 0)
    try source.export(id) { _ in }
  }

  @Test("an overview tells the states and sizes of each subtask")
  func overview() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-incremental"))
    let source = try FlinkSource(tree.path)
    let job = try #require(try source.all().first { $0.checkpoint.number.rawValue == 1 })
    let overview = try #require(try source.overview(of: job.checkpoint.id))
    let state = try #require(overview.operators.first { $0.header.uid == "profile-op" })
    #expect(
      state.stateNames == [
        "count", "per-item", "recent", "_timer_state/processing_user-timers",
        "_timer_state/event_user-timers",
      ])
    #expect(state.subtasks.map(\.keyGroups?.description) == ["0-63", "64-127"])
    #expect(state.subtasks.allSatisfy { $0.newBytes != nil && $0.fullBytes > 0 })
    let source0 = try #require(overview.operators.first { $0.header.uid == "events-source" })
    #expect(source0.stateNames == ["source-offset"])
    let total = overview.operators.flatMap(\.subtasks).reduce(0) { $0 + $1.fullBytes }
    #expect(Int64(total) == job.checkpoint.fullBytes)
  }
}
