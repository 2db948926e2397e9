// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct ChangingSourceTests {
  enum Change: CaseIterable {
    case added, addedDeep, removed, appended, patched, replaced, current, opened
  }

  @Test(
    "a directory that changes while it is taken is refused and leaves nothing",
    arguments: Change.allCases)
  func changes(_ change: Change) throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    try FileSystemCalls.makeDirectory(checkpoint.appending("sub"))
    let once = Mutex(false)
    let error = try bench.refusal {
      _ = try bench.store.commit(checkpoint, to: bench.orders) { _ in
        once.withLock { isDone in
          guard !isDone else { return }
          isDone = true
          do { try apply(change, to: checkpoint) } catch { Issue.record(error) }
        }
      }
    }
    #expect(once.withLock { $0 })
    #expect(error.code == .changed)
    #expect(error.message.contains("\(checkpoint)/"), "\(error.message)")
    try bench.expectEmpty()
  }

  private func apply(_ change: Change, to checkpoint: FilePath) throws {
    let names = try checkpoint.names
    let table = checkpoint.appending(try #require(names.last { $0.hasSuffix(".sst") }))
    switch change {
    case .added: try checkpoint.appending("new").write("x")
    case .addedDeep: try checkpoint.appending("sub/new").write("x")
    case .removed: try FileSystemCalls.unlink(table)
    case .appended: try table.write(try table.read() + [0])
    case .patched:
      var content = try table.read()
      content[content.count / 2] ^= 1
      try table.write(content)
    case .replaced:
      let (content, time) = (try table.read(), try table.status.modified)
      let other = checkpoint.removingLastComponent().appending("other")
      try other.write(content.reversed())
      try other.setModified(time)
      try FileSystemCalls.rename(other, to: table)
    case .current:
      try FileSystemCalls.rename(
        checkpoint.appending("CURRENT"), to: checkpoint.appending("CURRENT-old"))
      try checkpoint.appending("CURRENT").write(
        try checkpoint.appending("CURRENT-old").read())
    case .opened: _ = try Database(checkpoint)
    }
  }

  @Test("a directory that changes while it is compared with an existing number is refused")
  func comparison() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let options = CommitOptions(number: CheckpointNumber(rawValue: 3))
    _ = try bench.store.commit(checkpoint, to: bench.orders, options: options)
    let once = Mutex(false)
    let error = try bench.refusal {
      _ = try bench.store.commit(checkpoint, to: bench.orders, options: options) { _ in
        once.withLock { isDone in
          guard !isDone else { return }
          isDone = true
          do { try apply(.added, to: checkpoint) } catch { Issue.record(error) }
        }
      }
    }
    #expect(error.code == .changed)
    #expect(try bench.store.statistics().checkpoints == 1)
  }
}
