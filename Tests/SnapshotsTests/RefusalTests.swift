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

@Suite struct RefusalTests {
  enum Flaw: String, CaseIterable, CustomTestStringConvertible {
    case absent, file, noCurrent, brokenCurrent, missingManifest, cutManifest, brokenManifest
    case missingTable, shortTable, link, linkedCurrent, pipe, deepLink
    var testDescription: String { rawValue }
  }

  @Test(
    "a directory that cannot be a checkpoint is refused by name, and changes nothing",
    arguments: Flaw.allCases)
  func flaws(_ flaw: Flaw) throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let (code, name) = try inflict(flaw, checkpoint)
    let directory = flaw == .absent || flaw == .file ? checkpoint.appending("there") : checkpoint
    let error = try bench.refusal { _ = try bench.store.commit(directory, to: bench.orders) }
    #expect(error.code == code)
    #expect(error.message.contains(name), "\(error.message)")
    #expect(!error.message.contains("\n"))
    try bench.expectEmpty()
  }

  @Test(
    "what only the MANIFEST tells against is kept when unchecked",
    arguments: [
      Flaw.noCurrent, .brokenCurrent, .missingManifest, .cutManifest, .brokenManifest,
      .missingTable,
    ])
  func unchecked(_ flaw: Flaw) throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    _ = try inflict(flaw, checkpoint)
    let error = try bench.refusal { _ = try bench.store.commit(checkpoint, to: bench.orders) }
    #expect(error.message.contains("--unchecked"))
    let report = try bench.store.commit(
      checkpoint, to: bench.orders, options: CommitOptions(isUnchecked: true))
    #expect(report.files == Int64(try checkpoint.names.count))
  }

  private func inflict(
    _ flaw: Flaw, _ checkpoint: FilePath
  ) throws -> (SnapshotError.Code, String) {
    let names = try checkpoint.names
    let table = try #require(names.first { $0.hasSuffix(".sst") })
    let manifest = try #require(names.first { $0.hasPrefix("MANIFEST-") })
    let size = Int64(try checkpoint.appending(manifest).status.size)
    switch flaw {
    case .absent: return (.notFound, "there")
    case .file:
      try checkpoint.appending("there").write("a file")
      return (.invalid, "there")
    case .noCurrent:
      try FileSystemCalls.unlink(checkpoint.appending("CURRENT"))
      return (.invalid, "CURRENT")
    case .brokenCurrent:
      try checkpoint.appending("CURRENT").write("MANIFEST-1")
      return (.damaged, "CURRENT")
    case .missingManifest:
      try FileSystemCalls.unlink(checkpoint.appending(manifest))
      return (.incomplete, manifest)
    case .cutManifest:
      try truncate(checkpoint.appending(manifest), to: size - 3)
      return (.damaged, manifest)
    case .brokenManifest:
      var content = try checkpoint.appending(manifest).read()
      content[20] ^= 0xff
      try checkpoint.appending(manifest).write(content)
      return (.damaged, manifest)
    case .missingTable:
      try FileSystemCalls.unlink(checkpoint.appending(table))
      return (.incomplete, "\(table) is absent")
    case .shortTable:
      try truncate(checkpoint.appending(table), to: 100)
      return (.incomplete, "\(table) has 100 bytes")
    case .link:
      try FileSystemCalls.makeSymbolicLink(checkpoint.appending("extra"), to: "/etc/passwd")
      return (.invalid, "extra' is a symbolic link")
    case .linkedCurrent:
      try FileSystemCalls.rename(checkpoint.appending("CURRENT"), to: checkpoint.appending("C"))
      try FileSystemCalls.makeSymbolicLink(checkpoint.appending("CURRENT"), to: "C")
      return (.invalid, "CURRENT' is a symbolic link")
    case .pipe:
      #expect(unsafe mkfifo(checkpoint.appending("pipe").string, 0o600) == 0)
      return (.invalid, "pipe' is a socket, pipe or device")
    case .deepLink:
      try FileSystemCalls.makeDirectory(checkpoint.appending("sub"))
      try FileSystemCalls.makeSymbolicLink(checkpoint.appending("sub/up"), to: "..")
      return (.invalid, "sub/up' is a symbolic link")
    }
  }

  @Test("of many missing files eight are named and the others counted")
  func manyMissing() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    for round in 0..<11 {
      try database.fill(round..<round + 1)
      try database.flush()
    }
    try database.createCheckpoint(at: bench("cp"), flush: .always)
    for name in try bench("cp").names where name.hasSuffix(".sst") {
      try FileSystemCalls.unlink(bench("cp").appending(name))
    }
    let error = try bench.refusal { _ = try bench.store.commit(bench("cp"), to: bench.orders) }
    #expect(error.code == .incomplete)
    #expect(error.message.split(separator: " is absent").count == 9)
    #expect(error.message.contains("and 3 more"))
  }

  @Test("a tracked log that is missing is refused, though RocksDB would open what is left")
  func trackedLog() throws {
    let bench = try Bench()
    var options = DatabaseOptions()
    options.trackLogs = true
    options.writeBufferSize = 64 << 10
    let database = try Database(bench("db"), columnFamilies: ["quiet"], options: options)
    try database.put(bytes("kept"), bytes("in the log"), in: database.columnFamily("quiet"))
    for key in 0..<400 {
      try database.put(bytes("\(key)"), [UInt8](repeating: 1, count: 1000), log: .synced)
    }
    try database.createCheckpoint(at: bench("cp"), flush: .never)
    _ = try bench.store.commit(bench("cp"), to: bench.orders)
    let log = try #require(try bench("cp").names.first { $0.hasSuffix(".log") })
    try FileSystemCalls.unlink(bench("cp").appending(log))
    let error = try bench.refusal { _ = try bench.store.commit(bench("cp"), to: bench.orders) }
    #expect(error.code == .incomplete && error.message.contains("\(log) is absent"))
  }

  @Test("a live database is no checkpoint, nor is a directory that holds one")
  func live() throws {
    let bench = try Bench()
    let outer = try bench.scratch.directory("outer")
    let database = try Database(outer.appending("db"))
    try database.put(bytes("a"), bytes("b"))
    // Otherwise it is refused as no RocksDB directory at all.
    try outer.appending("CURRENT").write("MANIFEST-000001\n")
    for directory in [outer.appending("db"), outer] {
      for isUnchecked in [false, true] {
        let error = try bench.refusal {
          _ = try bench.store.commit(
            directory, to: bench.orders, options: CommitOptions(isUnchecked: isUnchecked))
        }
        #expect(error.code == .live)
        #expect(error.message.contains("\(outer)/db"))
      }
    }
    // Looking at it must not have cost the database its lock.
    #expect(try DirectoryLock.probe(outer.appending("db")) == .held(pid: getpid()))
    try bench.expectEmpty()
  }

  @Test("neither the store, nor what lies in it or around it, can be committed")
  func overlap() throws {
    let bench = try Bench()
    try FileSystemCalls.makeSymbolicLink(bench("alias"), to: bench("store/blobs"))
    for path in [bench("store"), bench("store/blobs"), bench.scratch.path, bench("alias")] {
      let error = try bench.refusal {
        _ = try bench.store.commit(
          path, to: bench.orders, options: CommitOptions(isUnchecked: true))
      }
      #expect(error.code == .invalid && error.message.contains("overlap"))
    }
    try bench.expectEmpty()
  }
}
