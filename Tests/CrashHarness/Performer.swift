// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
package import SystemPackage

/// Does operations to a store through its public interface.
package struct Performer {
  let site: FilePath
  let sources: SourceTree
  private var store: Store?
  private var flight: HeldFlight?

  /// - Parameters:
  ///   - site: the directory that holds the store.
  ///   - work: where it may put its sources.
  package init(site: FilePath, work: FilePath) throws {
    self.site = site
    sources = try SourceTree(work)
  }

  /// Lets go of the store, and of what is in flight.
  package mutating func close() {
    flight = nil
    store = nil
  }

  mutating func opened() throws -> Store {
    if let store { return store }
    let opened = try Store(at: site.appending("store"))
    store = opened
    return opened
  }

  /// - Returns: the number of a commit.
  package mutating func perform(_ operation: Operation) throws -> Int64? {
    switch operation {
    case .create: _ = try Store.create(at: site.appending("store"))
    case .commit(let history, let number, let files, let tag):
      return try commit(files, history, number, tag)
    case .importFiles(let history, let number, let files):
      return try commit(files, history, number, nil, linking: false)
    case .commitDirectory(let history, let number, let files, let trick):
      try commitDirectory(history, number, files, trick)
    case .importFlink(let history, let number, let files, let trick):
      try importFlink(history, number, files, trick)
    case .start(let history, let number, let files): return try start(files, history, number)
    case .finish(let tag):
      return try flight.take()?.complete(
        tag: tag.map { try TagName($0) }, owner: SourceTree.owner)
    case .cancel: try flight.take()?.abort()
    case .abort(let history, let files): try abort(files, history)
    case .begin(let history, let number, let shards, let seconds):
      _ = try opened().begin(
        HistoryName(history), shards: Set(shards.map { try ShardName($0) }),
        number: CheckpointNumber(rawValue: number), for: .seconds(seconds))
    case .commitShard(let history, let number, let shard, let files):
      try commit(files, as: shard, of: try reference(history, number))
    case .abortShards(let history, let number):
      try opened().abort(reference(history, number))
    case .tag(let history, let number, let name):
      try opened().tag(checkpoint(history, number), as: TagName(name))
    case .untag(let history, let name):
      let store = try opened()
      try store.untag(TagName(name), of: store.history(named: HistoryName(history)))
    case .rename(let history, let name):
      let store = try opened()
      try store.rename(store.history(named: HistoryName(history)), to: HistoryName(name))
    case .drop(let history, let numbers, let force):
      try opened().drop(numbers.map { try checkpoint(history, $0) }, force: force)
    case .prune(let history, let last):
      let store = try opened()
      let plan = try store.retention(
        of: store.history(named: HistoryName(history)), by: RetentionPolicy(last: last))
      if !plan.dropped.isEmpty { try store.drop(plan.dropped, force: false) }
    case .withdraw(let history, let number): try opened().withdraw(checkpoint(history, number))
    case .collect: _ = try opened().collectGarbage()
    case .check: try check()
    case .rebuild:
      close()  // a catalog is not replaced beneath anybody
      _ = try Store.rebuildCatalog(at: site.appending("store"))
    case .repair:
      let good = site.appending("good")
      let sources = try FileSystemCalls.exists(good) ? [good] : []
      let report = try opened().check(CheckOptions(repairs: true, sources: sources))
      // Where the disk goes meanwhile all may look damaged: who is told so was promised nothing.
      if let problem = report.problems.first(where: { $0.kind != .quarantinedBlob }) {
        throw StoreError(.damaged, "\(problem.path) was not repaired: \(problem.detail)")
      }
    case .readAll: _ = try opened().check(CheckOptions(readsData: true))
    case .forsake:
      let locks = site.appending("store").appending("locks")
      for name in try DirectoryListing.names(in: locks) {
        let name = String(decoding: name, as: UTF8.self)
        if name != "store", name != "outbox" {
          try FileSystemCalls.unlinkIfPresent(locks.appending(name))
        }
      }
      _ = try opened().collectGarbage()
    case .restore(let history, let number, let destination, let linking):
      _ = try opened().restore(
        checkpoint(history, number), to: site.appending("restored-\(destination)"),
        mode: linking ? .link : .auto)
    case .look, .lookAt, .list, .read, .open, .readOpened, .close, .damage, .remount:
      preconditionFailure("\(operation) is for a mount")
    }
    return nil
  }

  private mutating func check() throws {
    if let problem = try opened().check(CheckOptions(readsData: true)).problems.first {
      throw Violation("P3", "fsck: \(problem.kind.rawValue) \(problem.path): \(problem.detail)")
    }
  }

  private mutating func checkpoint(
    _ history: String, _ number: Int64
  ) throws -> CheckpointRecord {
    try opened().checkpoint(CheckpointSelector("\(history)/chk-\(number)"))
  }

  private func reference(_ history: String, _ number: Int64) throws -> CheckpointReference {
    guard let number = CheckpointNumber(rawValue: number) else {
      preconditionFailure("an operation has a number")
    }
    return CheckpointReference(history: try HistoryName(history), number: number)
  }

  private mutating func commit(
    _ files: [SyntheticFile], as shard: String, of checkpoint: CheckpointReference
  ) throws {
    let name = "\(checkpoint.history)-\(shard)"
    let number = checkpoint.number.rawValue
    let made = try sources.make(files, name, number)
    switch try opened().begin(ShardName(shard), of: checkpoint) {
    case .committed: break
    case .pending(let pending):
      let ingested = try pending.ingest(
        made, of: SourceTree.directory(in: sources.work, name, number))
      do throws(StoreError) {
        _ = try pending.commit(ingested, owner: SourceTree.owner)
      } catch {
        // Another process was faster, with the same files.
        guard error.code == .exists else { throw error }
      }
    }
    try sources.remove(name, number)
  }

  private mutating func commit(
    _ files: [SyntheticFile], _ history: String, _ number: Int64?, _ tag: String?,
    linking: Bool = true
  ) throws -> Int64 {
    let made = try sources.make(files, history, number)
    let result: CheckpointRecord
    switch try opened().begin(
      HistoryName(history), number: number.flatMap(CheckpointNumber.init(rawValue:)))
    {
    case .completed(let record): result = record
    case .pending(let pending):
      let ingested = try pending.ingest(made, linking: linking)
      result = try pending.complete(
        ingested, owner: SourceTree.owner, tag: try tag.map { try TagName($0) }
      ).checkpoint
    }
    try sources.remove(history, number)
    return result.number.rawValue
  }

  private mutating func start(
    _ files: [SyntheticFile], _ history: String, _ number: Int64?
  ) throws -> Int64? {
    if flight != nil { return nil }
    let made = try sources.make(files, history, number)
    switch try opened().begin(
      HistoryName(history), number: number.flatMap(CheckpointNumber.init(rawValue:)))
    {
    case .completed(let record): return record.number.rawValue
    case .pending(let pending):
      let number = pending.number.rawValue
      let ingested = try pending.ingest(made)
      flight = HeldFlight(pending, ingested)
      return number
    }
  }

  private mutating func abort(_ files: [SyntheticFile], _ history: String) throws {
    let made = try sources.make(files, history, nil)
    switch try opened().begin(HistoryName(history)) {
    case .completed: preconditionFailure("no number was asked for")
    case .pending(let pending):
      _ = try pending.ingest(made)
      try pending.abort()
    }
    try sources.remove(history, nil)
  }
}
