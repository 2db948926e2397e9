// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

/// A store in a scratch directory, and source directories to commit from.
final class StoreFixture: Sendable {
  let scratch: ScratchDirectory
  let path: FilePath
  let store: Store

  init() throws {
    scratch = try ScratchDirectory()
    path = scratch.path.appending("store")
    #expect(try Store.create(at: path) == .created)
    store = try Store(at: path)
  }

  /// One that is there already.
  init(_ path: FilePath, in scratch: ScratchDirectory) throws {
    self.scratch = scratch
    self.path = path
    store = try Store(at: path)
  }

  /// Makes a directory with these files; names that end in `.sst` are shared ones.
  func source(_ name: String, _ files: [String: String]) throws -> [SourceFile] {
    let directory = try scratch.directory(name)
    return try files.sorted { $0.key < $1.key }.map { file in
      let location = directory.appending(file.key)
      try location.write(file.value)
      try location.age()
      return SourceFile(
        path: try EntryPath(file.key), location: location,
        kind: file.key.hasSuffix(".sst") ? .shared : .own)
    }
  }

  func begin(_ history: String, number: Int64? = nil) throws -> PendingCheckpoint {
    let number = number.flatMap(CheckpointNumber.init(rawValue:))
    switch try store.begin(try HistoryName(history), number: number) {
    case .pending(let pending): return pending
    case .completed: throw Unexpected(what: "the number was completed before")
    }
  }

  @discardableResult
  func commit(
    _ files: [SourceFile], to history: String = "orders", number: Int64? = nil,
    tag: String? = nil, policy: IngestPolicy = .auto
  ) throws -> CommitResult {
    let pending = try begin(history, number: number)
    let entries = try pending.ingest(files, policy: policy)
    return try pending.complete(
      entries, owner: Ownership(user: 0, group: 0), tag: try tag.map { try TagName($0) })
  }

  func checkpoint(_ selector: String) throws -> CheckpointRecord {
    try store.checkpoint(try CheckpointSelector(selector))
  }

  /// Path to content and count of every entry.
  func entries(_ selector: String) throws -> [String: EntryRecord] {
    var entries: [String: EntryRecord] = [:]
    try store.forEachEntry(of: try checkpoint(selector)) { entries[$0.entry.path.description] = $0 }
    return entries
  }

  var blobFiles: [String] {
    get throws {
      try path.appending("blobs").names.flatMap { try path.appending("blobs").appending($0).names }
    }
  }

  /// The whole store is as it must be: nothing wrong, and nothing left over once collected.
  func expectSound(_ comment: Comment? = nil) throws {
    let report = try store.check(readData: true, repair: false)
    #expect(report.problems.isEmpty, comment)
    _ = try store.collectGarbage()
    let statistics = try store.statistics()
    #expect(statistics.unreferencedBlobs == 0, comment)
    #expect(statistics.pendingCheckpoints == 0, comment)
    #expect(try path.appending("staging").names == [], comment)
    #expect(try path.appending("pending").names == [], comment)
    #expect(
      try path.appending("locks").names.allSatisfy { ["store", "outbox"].contains($0) }, comment)
  }
}

struct Unexpected: Error {
  let what: String
}
