// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A new store and room for databases beside it.
final class Bench: Sendable {
  let scratch: ScratchDirectory
  let store: Store
  let orders: HistoryName

  init() throws {
    scratch = try ScratchDirectory()
    orders = try HistoryName("orders")
    _ = try Store.create(at: scratch.path.appending("store"))
    store = try Store(at: scratch.path.appending("store"))
  }

  func callAsFunction(_ name: String) -> FilePath { scratch.path.appending(name) }

  /// A database that changes its files only when told to.
  func database(_ name: String) throws -> Database {
    var options = DatabaseOptions()
    options.disableAutoCompactions = true
    options.compression = .none
    return try Database(self(name), options: options)
  }

  /// A checkpoint's directory of two tables, whose database is closed.
  func checkpoint(_ name: String = "checkpoint") throws -> FilePath {
    let database = try database("\(name)-db")
    for round in 0..<2 {
      try database.fill(1000 * round..<1000 * round + 500)
      try database.flush()
    }
    try database.createCheckpoint(at: self(name), flush: .always)
    return self(name)
  }

  func record(_ report: CommitReport) throws -> CheckpointRecord {
    try store.checkpoint(try CheckpointSelector("\(report.history)/\(report.number.directoryName)"))
  }

  func entries(_ report: CommitReport) throws -> [EntryPath: EntryRecord] {
    var entries: [EntryPath: EntryRecord] = [:]
    try store.forEachEntry(of: try record(report)) { entries[$0.entry.path] = $0 }
    return entries
  }

  /// Writes the checkpoint out and opens it as RocksDB does.
  func restored(_ report: CommitReport, _ name: String) throws -> Database {
    _ = try store.restore(try record(report), to: self(name))
    return try Database(readOnly: self(name))
  }

  /// That a refused commit has left nothing, and what it had stored goes with collection.
  func expectEmpty(sourceLocation: SourceLocation = #_sourceLocation) throws {
    _ = try store.collectGarbage()
    let statistics = try store.statistics()
    #expect(statistics == StoreStatistics(), sourceLocation: sourceLocation)
    #expect(try store.histories().isEmpty, sourceLocation: sourceLocation)
    #expect(try self("store/staging").names.isEmpty, sourceLocation: sourceLocation)
    let problems = try store.check(readData: true, repair: false).problems
    #expect(problems.isEmpty, sourceLocation: sourceLocation)
  }

  /// What `body` is refused with.
  func refusal(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) throws -> SnapshotError {
    try #require(
      throws: SnapshotError.self, sourceLocation: sourceLocation, performing: body)
  }
}

extension Database {
  /// Puts a row for each number, with values of one length.
  func fill(_ keys: Range<Int>, _ letter: Character = "v") throws {
    for key in keys {
      try put(bytes("key-\(1_000_000 + key)"), bytes(String(repeating: letter, count: 100)))
    }
  }

  var rows: [[UInt8]: [UInt8]] {
    get throws {
      var rows: [[UInt8]: [UInt8]] = [:]
      try scan { key, value in
        rows[key] = value
        return true
      }
      return rows
    }
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension FilePath {
  /// The statuses of all that lies in the directory, by name.
  var statuses: [String: FileStatus] {
    get throws {
      var statuses: [String: FileStatus] = [:]
      for name in try names { statuses[name] = try appending(name).status }
      statuses["."] = try status
      return statuses
    }
  }

  /// All files in the directory and below.
  var filesBelow: [FilePath] {
    get throws {
      try names.map { appending($0) }.flatMap { path in
        try path.status.kind == .directory ? path.filesBelow : [path]
      }
    }
  }

  /// A copy of a flat directory, none of its inodes shared.
  func copy(to target: FilePath) throws {
    try FileSystemCalls.makeDirectory(target)
    for name in try names { try target.appending(name).write(try appending(name).read()) }
  }

  var sizes: [String: Int64] {
    get throws { try statuses.filter { $0.key != "." }.mapValues { Int64($0.size) } }
  }
}

/// Counts what a commit read.
final class Reading: Sendable {
  private let last = Mutex<Progress?>(nil)

  /// The bytes that were to be read, and were; `nil` when nothing was.
  var progress: Progress? { last.withLock { $0 } }

  var handler: ProgressHandler {
    { progress in
      self.last.withLock { last in
        if progress.doneBytes >= last?.doneBytes ?? 0 { last = progress }
      }
    }
  }
}

extension Bench {
  func engine(
    _ database: Database, _ options: EngineOptions = EngineOptions()
  ) throws -> SnapshotEngine {
    try SnapshotEngine(database: database, store: store, history: orders, options: options)
  }

  func record(_ report: SnapshotReport) throws -> CheckpointRecord { try record(report.number) }

  func record(_ number: CheckpointNumber) throws -> CheckpointRecord {
    try store.checkpoint(CheckpointSelector(history: orders, point: .number(number)))
  }

  /// The numbers of the checkpoints that are there.
  var numbers: [Int64] {
    get throws {
      guard let history = try store.histories().first else { return [] }
      return try store.checkpoints(of: history).map(\.number.rawValue)
    }
  }

  /// Writes the checkpoint out and reads all rows as RocksDB does.
  func rows(_ number: CheckpointNumber) throws -> [[UInt8]: [UInt8]] {
    let path = self("restored-\(number.rawValue)")
    defer { try? FileSystemCalls.removeTree(path) }
    _ = try store.restore(try record(number), to: path)
    return try Database(readOnly: path).rows
  }

  /// That no engine has left anything beside the database.
  func expectNothingLocal(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let left = try scratch.path.names.filter { $0.contains(".ckptfs-") && !$0.hasSuffix(".lock") }
    for directory in left {
      #expect(try self(directory).names == [], sourceLocation: sourceLocation)
    }
  }
}

/// What `body` is refused with.
func refusal(_ body: () async throws -> Void) async throws -> SnapshotError {
  do {
    try await body()
  } catch let error as SnapshotError {
    return error
  }
  throw NotRefused()
}

/// Something was done that should have been refused.
private struct NotRefused: Error {}

func number(_ value: Int64) throws -> CheckpointNumber {
  try #require(CheckpointNumber(rawValue: value))
}
