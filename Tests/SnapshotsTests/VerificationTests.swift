// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@testable import Snapshots

@Suite("verify")
struct VerificationTests {
  private let bench: Bench
  private let work: FilePath

  init() throws {
    bench = try Bench()
    work = try bench.scratch.directory("work")
  }

  private func verify(_ report: CommitReport) throws -> VerificationReport {
    defer { #expect(throws: Never.self) { try #expect(work.names == []) } }
    return try Verification(of: bench.store, workingDirectory: work)
      .verify(bench.record(report), of: report.history)
  }

  /// Changes a byte in the middle of the first file of that ending, before it comes into the store.
  private func harm(_ directory: FilePath, _ ending: String) throws -> String {
    let name = try #require(try directory.names.first { $0.hasSuffix(ending) })
    var bytes = try directory.appending(name).read()
    bytes[bytes.count / 3] ^= 0x10
    // The database may share the file.
    try FileSystemCalls.unlink(directory.appending(name))
    try directory.appending(name).write(bytes)
    return name
  }

  @Test("a checkpoint of tables, blob files and logs is sound, and the store is as before")
  func sound() throws {
    var options = DatabaseOptions()
    options.minimumBlobSize = 50
    let database = try Database(bench("db"), options: options)
    try database.fill(0..<500)
    try database.flush()
    try database.fill(500..<600)
    try database.createCheckpoint(at: bench("cp"), flush: .never)
    let commit = try bench.store.commit(bench("cp"), to: bench.orders)
    let blobs = bench("store/blobs")
    func statuses() throws -> [FileStatus] {
      try blobs.names.flatMap {
        try blobs.appending($0).statuses.sorted { $0.key < $1.key }.map(\.value)
      }
    }
    let before = try statuses()
    let report = try verify(commit)
    #expect(report.outcome == .sound && report.databases.count == 1)
    let found = try #require(report.databases.first)
    #expect(found.tables > 0 && found.blobFiles > 0 && found.logs > 0 && found.notOpened == nil)
    #expect(try statuses() == before)
  }

  @Test(
    "damage that came in with the files is found, and named, where every digest is right",
    arguments: [".sst", ".blob", ".log"])
  func damaged(_ ending: String) throws {
    var options = DatabaseOptions()
    options.minimumBlobSize = 50
    options.compression = .none
    let database = try Database(bench("db"), options: options)
    try database.fill(0..<500)
    try database.flush()
    try database.fill(500..<900)
    try database.createCheckpoint(at: bench("cp"), flush: .never)
    let name = try harm(bench("cp"), ending)
    let commit = try bench.store.commit(bench("cp"), to: bench.orders)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
    let report = try verify(commit)
    #expect(report.outcome == .damaged)
    #expect(report.databases.flatMap(\.damage).map(\.file) == [name], "\(report)")
  }

  @Test("a blob that the store knows to be bad is named by its path in the checkpoint")
  func condemned() throws {
    let commit = try bench.store.commit(
      bench.checkpoint(), to: bench.orders,
      options: CommitOptions(ingest: .copy))
    let table = try #require(try bench.entries(commit).values.first { $0.entry.isShared })
    let digest = try #require(table.entry.content?.digest).hexadecimal
    let shelf = bench("store/blobs").appending(String(digest.prefix(2)))
    try FileSystemCalls.unlink(
      shelf.appending(try #require(try shelf.names.first { $0.hasPrefix(digest) })))
    let report = try verify(commit)
    #expect(report.outcome == .damaged)
    #expect(report.databases.flatMap(\.damage).map(\.file) == [table.entry.path.description])
  }

  @Test("keys in an order of another comparator that RocksDB has are no obstacle")
  func reversed() throws {
    var options = DatabaseOptions()
    options.others = ["comparator": "rocksdb.ReverseBytewiseComparator"]
    let database = try Database(bench("db"), options: options)
    try database.fill(0..<500)
    try database.createCheckpoint(at: bench("cp"), flush: .always)
    let report = try verify(bench.store.commit(bench("cp"), to: bench.orders))
    #expect(report.outcome == .sound, "\(report)")
  }

  @Test("each shard is verified, and damage is named with its shard")
  func shards() throws {
    let names = try ["a", "b"].map { try ShardName($0) }
    let begun = try bench.store.begin(bench.orders, shards: Set(names), for: .seconds(600))
    for name in names {
      let directory = try bench.checkpoint(name.rawValue)
      if name.rawValue == "b" { _ = try harm(directory, ".sst") }
      _ = try bench.store.commit(directory, as: name, of: begun.pending.reference)
    }
    let checkpoint = try bench.store.checkpoint(
      CheckpointSelector(history: bench.orders, point: .latest))
    let report = try Verification(of: bench.store, workingDirectory: work)
      .verify(checkpoint, of: bench.orders)
    #expect(report.databases.map(\.path?.description) == ["a", "b"])
    #expect(report.databases.map(\.outcome) == [.sound, .damaged])
    #expect(
      report.databases[1].damage.allSatisfy { $0.file.hasPrefix("b/") && $0.file.hasSuffix(".sst") }
    )
  }

  @Test("what a newer RocksDB wrote and this one cannot read is not verified, and no damage")
  func newerFormat() throws {
    var options = DatabaseOptions()
    options.compression = .none
    let database = try Database(bench("db"), options: options)
    try database.fill(0..<500)
    try database.createCheckpoint(at: bench("cp"), flush: .always)
    let table = try #require(try bench("cp").names.first { $0.hasSuffix(".sst") })
    // The last 12 bytes of a table are its format's version and a magic number.
    var bytes = try bench("cp").appending(table).read()
    bytes[bytes.count - 12] = 6
    try FileSystemCalls.unlink(bench("cp").appending(table))
    try bench("cp").appending(table).write(bytes)
    let settings = try #require(try bench("cp").names.first { $0.hasPrefix("OPTIONS-") })
    func verdict(writtenBy version: String) throws -> VerificationReport {
      try claim(version, in: bench("cp"))
      return try verify(bench.store.commit(bench("cp"), to: bench.orders))
    }
    let later = try verdict(writtenBy: "99.1.0")
    #expect(later.outcome == .notVerified, "\(later)")
    #expect(later.databases[0].notVerified.first?.contains("newer format") == true)
    #expect(try verdict(writtenBy: LinkedRocksDB.version).outcome == .damaged)
    try FileSystemCalls.unlink(bench("cp").appending(settings))
    let unknown = try verify(bench.store.commit(bench("cp"), to: bench.orders))
    #expect(unknown.outcome == .notVerified, "\(unknown)")
    let reason = try #require(unknown.databases[0].notVerified.first)
    #expect(reason.contains("no OPTIONS file tells") && !reason.contains("newer format"))
  }

  /// Has the newest settings file say that this RocksDB wrote the database.
  private func claim(_ version: String, in directory: FilePath) throws {
    let name = try #require(try directory.names.first { $0.hasPrefix("OPTIONS-") })
    let text = String(decoding: try directory.appending(name).read(), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.contains("rocksdb_version=") })
    try FileSystemCalls.unlink(directory.appending(name))
    try directory.appending(name).write(
      text.replacing(line, with: "  rocksdb_version=\(version)"))
  }

  @Test(
    "a footer that changed is damage, though a newer RocksDB wrote it, but for the next versions")
  func changedFooter() throws {
    let directory = try bench.checkpoint()
    try claim("99.1.0", in: directory)
    let name = try #require(try directory.names.first { $0.hasSuffix(".sst") })
    let sound = try directory.appending(name).read()
    func report(_ bytes: [UInt8]) throws -> VerificationReport {
      try FileSystemCalls.unlink(directory.appending(name))
      try directory.appending(name).write(bytes)
      let options = CommitOptions(isUnchecked: true)
      let commit = try bench.store.commit(directory, to: bench.orders, options: options)
      return try verify(commit)
    }
    let (checksum, version) = (sound.count - 53, sound.count - 12)
    #expect(sound[version] == 5 && (1...4).contains(sound[checksum]))
    // Each byte of the version and of the magic number, and the kind of checksum.
    for place in [checksum] + Array(version..<sound.count) {
      var bytes = sound
      bytes[place] ^= 0x40
      let found = try report(bytes)
      #expect(found.outcome == .damaged, "byte \(place - sound.count): \(found)")
      #expect(found.databases[0].damage.map(\.file) == [name])
      #expect(found.databases[0].notVerified == [], "byte \(place - sound.count)")
    }
    for (place, number, outcome) in [
      (version, 7, .notVerified), (version, 13, .damaged), (checksum, 5, .notVerified),
      (checksum, 12, .damaged),
    ] as [(Int, UInt8, VerificationReport.Outcome)] {
      var bytes = sound
      bytes[place] = number
      let found = try report(bytes)
      #expect(found.outcome == outcome, "\(number) at byte \(place - sound.count): \(found)")
    }
    // What is read as a footer is text then, or by chance that of the next version.
    let short = Array(sound.dropLast(30))
    for bytes in [short, short + [7, 0, 0, 0] + sound.suffix(8)] {
      let found = try report(bytes)
      #expect(found.databases[0].damage.map(\.file) == [name], "\(found)")
      #expect(found.databases[0].notVerified == [], "\(found)")
    }
  }

  @Test(
    "a file is read once for all checkpoints that have it, and a checkpoint without a database says so"
  )
  func manyCheckpoints() throws {
    let directory = try bench.checkpoint()
    let first = try bench.store.commit(directory, to: bench.orders)
    let second = try bench.store.commit(directory, to: HistoryName("others"))
    let verification = Verification(of: bench.store, workingDirectory: work)
    #expect(try verification.verify(bench.record(first), of: first.history).outcome == .sound)
    #expect(try verification.verify(bench.record(second), of: second.history).outcome == .sound)
    let plain = try bench.scratch.directory("plain")
    try plain.appending("file").write("x")
    var unchecked = CommitOptions()
    unchecked.isUnchecked = true
    let none = try bench.store.commit(plain, to: HistoryName("plain"), options: unchecked)
    let report = try verify(none)
    #expect(report.outcome == .notVerified && report.databases.isEmpty)
  }

  @Test("what is verified is kept from collection, and a killed verification's view is removed")
  func leased() throws {
    let first = try bench.store.commit(bench.checkpoint("one"), to: bench.orders)
    _ = try bench.store.commit(bench.checkpoint("two"), to: bench.orders)
    let record = try bench.record(first)
    let store = bench.store
    try store.withView(of: record, below: work) { view in
      try store.drop([record], force: false)
      _ = try store.collectGarbage()
      for location in view.locations.values {
        #expect(try FileStatus(following: location).kind == .regular)
      }
      #expect(try work.names.count == 1)
    }
    #expect(try work.names == [])
    #expect(try store.collectGarbage().removedBlobs > 0)
  }
}
