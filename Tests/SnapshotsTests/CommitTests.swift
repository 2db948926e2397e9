// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import LinuxFiles
import RocksDB
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct CommitTests {
  @Test("a checkpoint of RocksDB 9.8, which the linked version cannot open, is kept whole")
  func laterVersion() throws {
    let bench = try Bench()
    let directory = try bench.scratch.directory("later")
    try fillFromFixture(directory)
    let report = try bench.store.commit(directory, to: bench.orders)
    #expect(report.files == 14)
    #expect(try bench.entries(report)[try EntryPath("rocksdict-config.json")] != nil)
    #expect(report.skipped.isEmpty)
    try truncate(directory.appending("000017.sst"), to: 265_301)
    let error = try bench.refusal {
      _ = try bench.store.commit(directory, to: bench.orders)
    }
    #expect(error.code == .incomplete)
    #expect(error.message.contains("000017.sst has 265301 bytes instead of 265302"))
  }

  @Test("a commit that was asked to end says so, and leaves nothing")
  func cancelled() throws {
    let bench = try Bench()
    var options = CommitOptions()
    options.cancellation = Cancellation()
    options.cancellation.request()
    let error = try bench.refusal {
      _ = try bench.store.commit(bench.checkpoint(), to: bench.orders, options: options)
    }
    #expect(error.code == .cancelled)
    #expect(try bench.store.histories().isEmpty)
  }

  @Test("names of any bytes and sub-directories are kept; diagnostics are left out and listed")
  func oddNames() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let odd: [UInt8] = [0xff, 0x0a, 0x20, 0x25, 0x80]
    try checkpoint.appending(bytes: odd).write("odd")
    let sub = checkpoint.appending(bytes: odd + bytes(".d"))
    try FileSystemCalls.makeDirectory(sub)
    try sub.appending(bytes: odd).write("below")
    try FileSystemCalls.makeDirectory(sub.appending("empty"))
    for name in ["LOG", "LOG.old.12", "000009.dbtmp"] { try checkpoint.appending(name).write("x") }
    try sub.appending("LOG").write("foreign")

    let report = try bench.store.commit(checkpoint, to: bench.orders)
    #expect(report.skipped.map(\.description) == ["000009.dbtmp", "LOG", "LOG.old.12"])
    let entries = try bench.entries(report)
    let folder = try EntryPath(bytes: odd + bytes(".d"))
    #expect(entries[try EntryPath(bytes: odd)]?.entry.content?.size == 3)
    #expect(entries[try EntryPath(name: odd, in: folder)]?.entry.content?.size == 5)
    #expect(entries[try EntryPath(name: bytes("LOG"), in: folder)] != nil)
    #expect(entries[folder]?.entry.kind == .directory)
    #expect(entries[try EntryPath(name: bytes("empty"), in: folder)]?.entry.kind == .directory)
    #expect(entries[try EntryPath("LOG")] == nil)
  }

  @Test("the owner of a checkpoint is that of its directory")
  func owner() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let status = try checkpoint.status
    let report = try bench.store.commit(checkpoint, to: bench.orders)
    #expect(
      try bench.record(report).owner == Ownership(user: status.user, group: status.group))
  }

  @Test("a number that exists is the same checkpoint with the same content, else it is refused")
  func existingNumber() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    var asked = CommitOptions(number: CheckpointNumber(rawValue: 7))
    let first = try bench.store.commit(checkpoint, to: bench.orders, options: asked)
    #expect(first.number.rawValue == 7 && !first.isExisting)
    asked.tag = try TagName("kept")
    let again = try bench.store.commit(checkpoint, to: bench.orders, options: asked)
    #expect(again.isExisting && again.newFiles == 0 && again.newBytes == 0)
    #expect(again.files == first.files && again.fullBytes == first.fullBytes)
    #expect(
      try bench.store.checkpoint(try CheckpointSelector("orders/tags/kept")).number == again.number)

    try checkpoint.appending("note").write("one")
    try expectExists("note")
    try FileSystemCalls.unlink(checkpoint.appending("note"))
    let options = try #require(try checkpoint.names.first { $0.hasPrefix("OPTIONS-") })
    try checkpoint.appending(options).write("other options")
    try expectExists(options)
    #expect(try bench.store.statistics().checkpoints == 1)

    func expectExists(_ name: String) throws {
      let error = try bench.refusal {
        _ = try bench.store.commit(checkpoint, to: bench.orders, options: asked)
      }
      #expect(error.code == .exists)
      #expect(error.message.contains("orders/chk-7") && error.message.contains(name))
    }
  }

  @Test("what the store refuses is refused with its code")
  func storeRefusal() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let options = CommitOptions(tag: try TagName("t"))
    _ = try bench.store.commit(checkpoint, to: bench.orders, options: options)
    let error = try bench.refusal {
      _ = try bench.store.commit(checkpoint, to: bench.orders, options: options)
    }
    #expect(error.code == .store(.exists))
    #expect(try bench.store.statistics().checkpoints == 1)
  }

  private func fillFromFixture(_ directory: FilePath) throws {
    let resources = try #require(Bundle.module.resourceURL)
    let fixture = FilePath(resources.appending(path: "Fixtures/rocksdb-9.8/cp-5").path)
    for name in ["CURRENT", "MANIFEST-000005"] {
      try directory.appending(name).write(try fixture.appending(name).read())
    }
    let list = String(decoding: try fixture.appending("sizes.txt").read(), as: UTF8.self)
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      let path = directory.appending(String(words[0]))
      if try !path.exists {
        try path.write("")
        try truncate(path, to: try #require(Int64(words[1])))
      }
    }
  }
}

func truncate(_ path: FilePath, to size: Int64) throws {
  let file = try FileSystemCalls.open(path, .readWrite)
  defer { try? file.close() }
  try file.resize(to: size)
}
