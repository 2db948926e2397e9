// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// What a collection reclaimed.
public struct CollectionReport: Sendable {
  /// Contents that nothing referred to.
  public internal(set) var removedBlobs = 0
  public internal(set) var removedBytes: UInt64 = 0
  /// What killed or failed commands had left on its way into the store.
  public internal(set) var removedLeftovers = 0
}

extension Store {
  /// Removes what no completed checkpoint refers to and nothing in flight relies on.
  ///
  /// Safe at any time, beside anything; killed, it goes on where it was when it runs next.
  public func collectGarbage() throws(StoreError) -> CollectionReport {
    try translating {
      try outbox.replay()
      try outbox.removeLeftovers()
      var report = CollectionReport()
      let dead = try deadOwners()
      try removeFiles()
      var last: Incarnation?
      // On a full disk the first portion must do with the reserve; what it frees serves the others.
      var limit = 32
      while true {
        let taken = try catalog.collect(dead: dead, after: last, limit: limit)
        last = taken.last
        limit = 1024
        report.removedBlobs += taken.contents
        report.removedBytes = report.removedBytes.addingSaturated(taken.bytes)
        try removeFiles()
        if taken.isComplete { break }
      }
      let staged = try blobs.removeStaging(unless: isAlive)
      report.removedLeftovers += staged.files
      report.removedLeftovers += try AbandonedRestore.removeAll(layout)
      report.removedLeftovers += try removeLocks()
      try releaseQuarantine()
      try StoreReserve(layout).refill()
      return report
    }
  }

  /// What `collectGarbage` would remove, with nothing changed.
  public func collectableGarbage() throws(StoreError) -> CollectionReport {
    try translating {
      let found = try catalog.collectable(dead: try deadOwners())
      return CollectionReport(removedBlobs: found.contents, removedBytes: found.bytes)
    }
  }

  /// An owner locks its file before the catalog knows it and no two have one name, so one found
  /// unlocked can never come back. Nor can what is past its deadline.
  private func deadOwners() throws -> [OwnerToken] {
    if Steps.isLeftOut(.checkLiveness) { return try catalog.owners() }
    return try catalog.owners().filter { try !isAlive($0) } + expiredOwners()
  }

  private func removeFiles() throws {
    while true {
      let names = try catalog.removals(limit: 1024)
      if names.isEmpty { return }
      try blobs.remove(names)
      try catalog.finish(removals: names)
    }
  }

  /// Removes files from quarantine whose blobs are sound again; until then they stay, as the last that is left of a content.
  private func releaseQuarantine() throws {
    let released = try blobs.quarantined().filter { name in
      try catalog.blob(name.digest).map { $0.name == name && !$0.isCondemned } ?? false
    }
    try blobs.removeQuarantined(released)
  }

  /// Removes the lock files of owners that are dead.
  private func removeLocks() throws -> Int {
    var removed = 0
    for name in try DirectoryListing.names(in: layout.locks) {
      guard let owner = OwnerToken(String(decoding: name, as: UTF8.self)),
        let lock = try FileLock(.exclusive, path: layout.lock(of: owner))
      else { continue }
      if try AbandonedRestore(lock: lock.path, of: owner) != nil { continue }
      try lock.remove()
      removed += 1
    }
    return removed
  }
}
