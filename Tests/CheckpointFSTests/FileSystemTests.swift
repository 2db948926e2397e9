// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import Foundation
import Fuse
import Glibc
import Logging
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Answers to the kernel")
struct FileSystemTests {
  private let sample: Sample
  private let log = MessageLog()
  private let fileSystem: CheckpointFileSystem

  init() throws {
    sample = try Sample()
    let log = log
    fileSystem = CheckpointFileSystem(
      source: sample.source, options: MountOptions(), facts: Sample.facts,
      logger: Logger(label: "test") { _ in RecordingLogHandler(log: log) })
  }

  private func node(_ path: String) throws -> NodeID {
    NodeID(rawValue: try sample.tree().node(path).inode.rawValue)
  }

  private func entry(_ name: String, in directory: String) throws -> EntryReply {
    let reply = try fileSystem.lookup(Array(name.utf8), in: node(directory))
    guard case .found(let entry) = reply else { throw TreeError.absent }
    return entry
  }

  private func bytes(_ path: String, offset: Int64 = 0, length: Int = 1000) throws -> [UInt8] {
    let node = try node(path)
    let handle = try fileSystem.open(node).handle
    defer { fileSystem.release(node, handle: handle) }
    switch try fileSystem.read(node, handle: handle, offset: offset, length: length) {
    case .bytes(let bytes): return Array(bytes)
    case .file(let descriptor, let offset, let length):
      var bytes = [UInt8](repeating: 0, count: length)
      let count = try unsafe bytes.withUnsafeMutableBytes { room in
        try unsafe descriptor.read(fromAbsoluteOffset: offset, into: room)
      }
      return Array(bytes.prefix(count))
    }
  }

  @Test("Within a checkpoint names hold for an hour, and attributes of what is its own")
  func unchanging() throws {
    let own = try entry("CURRENT", in: "orders/chk-1")
    #expect(own.entryTimeout == .seconds(3600))
    #expect(own.attributeTimeout == .seconds(3600))
    #expect(
      try fileSystem.lookup([0x78], in: node("orders/chk-1")) == .absent(timeout: .seconds(3600)))
  }

  @Test("The count of a shared file is asked for again within a second; its name holds")
  func shared() throws {
    let shared = try entry("000012.sst", in: "orders/chk-1")
    #expect(shared.entryTimeout == .seconds(3600))
    #expect(shared.attributeTimeout < .seconds(1))
    #expect(shared.attributes.linkCount == 4)
  }

  @Test("A file that was dropped while open is told of as it was, until it is closed")
  func dropped() throws {
    for name in ["CURRENT", "000013.sst"] {
      let sample = try Sample()
      let fileSystem = CheckpointFileSystem(
        source: sample.source, options: MountOptions(), facts: Sample.facts,
        logger: Logger(label: "test") { _ in RecordingLogHandler(log: log) })
      let node = NodeID(
        rawValue: try sample.tree().node("orders/chk-2/\(name)").inode.rawValue)
      let before = try fileSystem.getattr(node)
      let handle = try fileSystem.open(node).handle
      sample.source.drop(sample.second.id)
      sample.source.drop(sample.third.id)
      #expect(try fileSystem.getattr(node).attributes.size == before.attributes.size)
      fileSystem.release(node, handle: handle)
      #expect(throws: Errno.noSuchFileOrDirectory) { try fileSystem.getattr(node) }
    }
  }

  @Test(
    "Names that come and go are asked for again within a second",
    arguments: [
      ("", "orders"), ("orders", "latest"), ("orders", "chk-1"), ("orders", "tags"),
      ("orders/tags", "before-upgrade"), ("orders/by-time", "2026-11-22T101500Z-chk-1"),
    ])
  func changing(directory: String, name: String) throws {
    #expect(try entry(name, in: directory).entryTimeout < .seconds(1))
    let absent = try fileSystem.lookup(Array("none".utf8), in: node(directory))
    #expect(absent == .absent(timeout: .milliseconds(400)))
  }

  @Test("A source is watched also for a kernel that cannot be told: before Linux 6.16")
  func oldKernel() throws {
    var connection = Connection(minorVersion: 38)
    fileSystem.initialize(&connection)
    let session = try Session(fileSystem: fileSystem, mountOptions: []) { _, _ in }
    let notifier = session.notifier
    let fileSystem = fileSystem
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      fileSystem.follow(notifier)
      ended.signal()
    }
    sample.source.drop(sample.first.id)
    let end = ContinuousClock.now + .seconds(10)
    while sample.source.changesTold == 0, ContinuousClock.now < end { sched_yield() }
    #expect(sample.source.changesTold == 1)
    #expect(try entry("chk-2", in: "orders").entryTimeout < .seconds(1))
    fileSystem.endFollowing()
    #expect(ended.wait(timeout: .now() + 10) == .success)
  }

  @Test("Control files are never cached, and read directly")
  func control() throws {
    let status = try entry("status.json", in: ".ckptfs")
    #expect(status.entryTimeout == .zero)
    #expect(status.attributeTimeout == .zero)
    #expect(try fileSystem.open(node(".ckptfs/status.json")).mode == .direct)
    #expect(try fileSystem.open(node("orders/chk-1/CURRENT")).mode == .cached(keepCache: true))
  }

  @Test("A read ends where its content ends, though the file beneath goes on")
  func clamped() throws {
    let table = Array(Sample.table.utf8)
    let path = "orders/chk-1/000012.sst"
    #expect(try bytes(path) == table)
    #expect(try bytes(path, offset: 3, length: 4) == Array(table[3..<7]))
    #expect(try bytes(path, offset: Int64(table.count) - 1) == [table[table.count - 1]])
    #expect(try bytes(path, offset: Int64(table.count)) == [])
    #expect(try bytes(path, offset: .max) == [])
  }

  @Test("A released handle reads nothing more, and its number is given again")
  func handles() throws {
    let node = try node("orders/chk-1/CURRENT")
    let handle = try fileSystem.open(node).handle
    let other = try fileSystem.open(node).handle
    #expect(handle != other)
    fileSystem.release(node, handle: handle)
    #expect(throws: Errno.badFileDescriptor) {
      _ = try fileSystem.read(node, handle: handle, offset: 0, length: 1)
    }
    #expect(try fileSystem.open(node).handle == handle)
    #expect(throws: Errno.badFileDescriptor) {
      _ = try fileSystem.read(
        node, handle: FileHandle(rawValue: .max), offset: 0, length: 1)
    }
  }

  @Test("Each failure has its error number")
  func errors() throws {
    let file = try node("orders/chk-1/CURRENT")
    let directory = try node("orders")
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try fileSystem.getattr(NodeID(rawValue: 0x7777))
    }
    #expect(throws: Errno.notDirectory) { _ = try fileSystem.opendir(file) }
    #expect(throws: Errno.notDirectory) { _ = try fileSystem.lookup([0x78], in: file) }
    #expect(throws: Errno.isDirectory) { _ = try fileSystem.open(directory) }
    #expect(throws: Errno.isDirectory) {
      _ = try fileSystem.open(node("orders/chk-10/shard-a"))
    }
    #expect(throws: Errno.invalidArgument) { _ = try fileSystem.readlink(file) }
    #expect(throws: Errno.noFunction) { _ = try fileSystem.listxattr(file) }
    #expect(log.messages.isEmpty)
  }

  @Test("Extended attributes are offered with the option only")
  func extendedAttributes() throws {
    #expect(!fileSystem.offersExtendedAttributes)
    let offering = CheckpointFileSystem(
      source: sample.source, options: try MountOptions("xattr"), facts: Sample.facts,
      logger: Logger(label: "test") { _ in RecordingLogHandler(log: log) })
    let file = try node("orders/chk-1/CURRENT")
    #expect(offering.offersExtendedAttributes)
    #expect(
      try offering.listxattr(file).map { String(decoding: $0, as: UTF8.self) } == [
        "user.ckptfs.digest", "user.ckptfs.references", "user.ckptfs.history",
        "user.ckptfs.number",
      ])
    #expect(
      try offering.getxattr(file, name: Array("user.ckptfs.history".utf8))
        == Array("orders".utf8))
    #expect(throws: Errno.noData) {
      _ = try offering.getxattr(file, name: Array("security.capability".utf8))
    }
  }

  @Test("An opened directory of a dropped checkpoint is gone")
  func droppedDirectory() throws {
    let directory = try node("orders/chk-10/shard-a")
    _ = try fileSystem.opendir(directory)
    sample.source.drop(sample.third.id)
    #expect(throws: Errno.noSuchFileOrDirectory) { _ = try fileSystem.opendir(directory) }
  }

  @Test("A damaged content is an I/O error, logged once for each cause")
  func damaged() throws {
    sample.source.damage(Digest(hashing: Array(Sample.table.utf8)))
    for path in ["orders/chk-1/000012.sst", "users/chk-1/000012.sst"] {
      let node = try node(path)
      #expect(throws: Errno.ioError) { _ = try fileSystem.open(node) }
    }
    #expect(log.messages.count == 1)
    sample.source.damage(Digest(hashing: Array(Sample.newTable.utf8)))
    let other = try node("orders/chk-2/000013.sst")
    #expect(throws: Errno.ioError) { _ = try fileSystem.open(other) }
    #expect(log.messages.count == 2)
  }

  @Test("A source that cannot be read is an I/O error, and never an empty directory")
  func unavailable() throws {
    let directory = try node("orders")
    sample.source.setAvailable(false)
    #expect(throws: Errno.ioError) { _ = try fileSystem.getattr(directory) }
    #expect(throws: Errno.ioError) {
      _ = try fileSystem.lookup(Array("chk-1".utf8), in: directory)
    }
    #expect(throws: Errno.ioError) { _ = try fileSystem.statfs(.root) }
    #expect(
      performing: { _ = try sample.tree().items(of: .root, from: 0, limit: 10) },
      throws: { if case TreeError.source = $0 { true } else { false } })
    #expect(log.messages.count == 1)
  }

  @Test("While a source cannot be read, status.json is there by its path, and says so")
  func outage() throws {
    sample.source.setAvailable(false)
    #expect(try fileSystem.getattr(.root).attributes.type == .directory)
    let name = Array(".ckptfs".utf8)
    guard case .found(let directory) = try fileSystem.lookup(name, in: .root) else {
      throw TreeError.absent
    }
    let node = directory.attributes.node
    guard case .found(let file) = try fileSystem.lookup(Array("status.json".utf8), in: node) else {
      throw TreeError.absent
    }
    let handle = try fileSystem.open(file.attributes.node).handle
    let reply = try fileSystem.read(
      file.attributes.node, handle: handle, offset: 0, length: 10_000)
    guard case .bytes(let bytes) = reply else { throw TreeError.badHandle }
    #expect(String(decoding: bytes, as: UTF8.self).contains("\"unavailable\" : \"the source "))
  }

  @Test("The log forgets the oldest causes rather than growing")
  func boundedLog() {
    let log = MessageLog()
    let faults = FaultLog(logger: Logger(label: "test") { _ in RecordingLogHandler(log: log) })
    func note(_ number: Int) { faults.note(.source(SourceError(.damaged, "blob \(number)"))) }
    for number in 0...FaultLog.capacity { note(number) }
    note(FaultLog.capacity)
    #expect(log.messages.count == FaultLog.capacity + 1)
    note(0)
    #expect(log.messages.count == FaultLog.capacity + 2)
  }

  @Test("statfs tells the room beneath the source")
  func statistics() throws {
    let statistics = try fileSystem.statfs(.root)
    #expect(statistics.blockSize == 4096)
    #expect(statistics.availableBlocks == 400_000)
    #expect(statistics.maximumNameLength == 255)
  }
}

/// What was logged, in order.
final class MessageLog: Sendable {
  private let stored = Mutex<[String]>([])
  var messages: [String] { stored.withLock { $0 } }
  func append(_ message: String) { stored.withLock { $0.append(message) } }
}

struct RecordingLogHandler: LogHandler {
  let log: MessageLog
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  init(log: MessageLog) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { log.append("\(event.message)") }
}
