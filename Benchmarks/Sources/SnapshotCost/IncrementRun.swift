// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import RocksDB
import Snapshots
import SystemPackage

/// What it costs to keep a database the first time, after a twentieth of its rows was written anew, and unchanged.
struct IncrementRun {
  struct Figures: Encodable {
    let megabytes: Double
    var steps: [Usage] = []
  }

  let directory: FilePath
  let template: FilePath
  let contender: String
  /// Tables that were hashed before.
  private var known: Set<String> = []

  init(directory: FilePath, template: FilePath, contender: String) {
    self.directory = directory
    self.template = template
    self.contender = contender
  }

  private var path: FilePath { directory.appending("db") }
  private var kept: FilePath { directory.appending("kept") }

  mutating func run() async throws -> Figures {
    try FileManager.default.createDirectory(
      atPath: directory.string, withIntermediateDirectories: true)
    try Database(template).createCheckpoint(at: path, flush: .always)
    if ["engine", "copy"].contains(contender) { _ = try Store.create(at: kept) }
    try settle()
    var figures = Figures(megabytes: try size() / 1e6)
    figures.steps.append(try await keep())
    try overwrite()
    figures.steps.append(try await keep())
    figures.steps.append(try await keep())
    return figures
  }

  private func overwrite() throws {
    let database = try Database(path, options: Rows.options(memtable: 16 << 20))
    let rows = Int(database.property("rocksdb.estimate-num-keys") ?? "") ?? 0
    var numbers = Rows.Sequence(state: 3)
    for _ in 0..<rows / 20 {
      let row = Int.random(in: 0..<rows, using: &numbers)
      try database.put(Rows.key(row), Rows.value(row + 1))
    }
    try database.flush()
    while database.property("rocksdb.compaction-pending") != "0"
      || database.property("rocksdb.num-running-compactions") != "0"
    {
      usleep(10_000)
    }
  }

  /// All in tables, so that nobody has to flush when it is measured.
  private func settle() throws {
    try Database(path, options: Rows.options(memtable: 16 << 20)).flush()
  }

  private func size() throws -> Double {
    let manager = FileManager.default
    return try manager.contentsOfDirectory(atPath: path.string).filter { $0.hasSuffix(".sst") }
      .reduce(0) { sum, name in
        let attributes = try manager.attributesOfItem(atPath: path.appending(name).string)
        return sum + (attributes[.size] as? Double ?? 0)
      }
  }

  /// What nobody can leave out who names contents by their SHA-256: each new byte is read once and hashed once.
  private func hash(_ tables: [String]) throws {
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    for table in tables {
      let file = try FileDescriptor.open(path.appending(table), .readOnly)
      defer { try? file.close() }
      var digest = RunningDigest()
      while true {
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { break }
        digest.append(buffer[..<count])
      }
      _ = digest.finish()
    }
  }

  private mutating func keep() async throws -> Usage {
    sync()
    if contender == "backup" {
      let peer = PeerBackup(database: path, backups: kept)
      return try await Usage.measuring { peer.take() }
    }
    if contender == "hash" {
      let tables = try FileManager.default.contentsOfDirectory(atPath: path.string)
        .filter { $0.hasSuffix(".sst") && !known.contains($0) }
      known.formUnion(tables)
      return try await Usage.measuring { try hash(tables) }
    }
    let database = try Database(path, options: Rows.options(memtable: 16 << 20))
    let engine = try SnapshotEngine(
      database: database, store: try Store(at: kept), history: try HistoryName("db"),
      options: EngineOptions(ingest: contender == "copy" ? .copy : .auto))
    return try await Usage.measuring { _ = try await engine.takeSnapshot().materialize() }
  }
}
