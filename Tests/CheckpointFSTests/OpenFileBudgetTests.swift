// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Fuse
import Logging
import SystemPackage
import Testing

@Suite("Files held open for readers")
struct OpenFileBudgetTests {
  private let log = MessageLog()

  private func budget(limit: Int) -> OpenFileBudget {
    let log = log
    return OpenFileBudget(
      limit: limit, logger: Logger(label: "test") { _ in RecordingLogHandler(log: log) })
  }

  @Test(
    "Most of the process's limit is for readers, the rest for itself",
    arguments: [(1024, 896), (524_288, 524_160), (256, 128), (100, 50)])
  func capacity(limit: Int, capacity: Int) {
    #expect(budget(limit: limit).capacity == capacity)
  }

  @Test("The log says once that there are no more, and once that there are again")
  func messages() {
    let budget = budget(limit: 200)
    for _ in 0..<100 { #expect(budget.take()) }
    #expect(!budget.take() && !budget.take())
    #expect(log.messages.count == 1)
    budget.giveBack()
    #expect(budget.take() && !budget.take())
    #expect(log.messages.count == 1, "at the limit nothing is said again")
    for _ in 0..<20 { budget.giveBack() }
    #expect(log.messages.count == 2)
    for _ in 0..<20 { #expect(budget.take()) }
    #expect(!budget.take())
    #expect(log.messages.count == 3)
  }

  @Test("At the limit only opening fails, and as soon as one is closed it does not")
  func opening() throws {
    let sample = try Sample()
    let log = log
    let fileSystem = CheckpointFileSystem(
      source: sample.source, options: MountOptions(), facts: Sample.facts,
      logger: Logger(label: "test") { _ in RecordingLogHandler(log: log) })
    let node = NodeID(rawValue: try sample.tree().node("orders/chk-1/CURRENT").inode.rawValue)
    let status = NodeID(rawValue: try sample.tree().node(".ckptfs/status.json").inode.rawValue)
    let handles = try (0..<896).map { _ in try fileSystem.open(node).handle }
    #expect(throws: Errno.tooManyOpenFilesInSystem) { _ = try fileSystem.open(node) }
    #expect(try fileSystem.getattr(node).attributes.node == node)
    fileSystem.release(status, handle: try fileSystem.open(status).handle)
    #expect(throws: Errno.tooManyOpenFilesInSystem) { _ = try fileSystem.open(node) }
    fileSystem.release(node, handle: handles[0])
    fileSystem.release(node, handle: try fileSystem.open(node).handle)
  }
}
