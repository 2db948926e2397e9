// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// What a collection reclaimed.
public struct CollectionReport: Sendable {
  /// Contents that nothing referred to, and files that were to be removed before: what a rebuilt catalog knew nobody to need, what an
  /// interrupted collection left, and bad files that are not needed any more.
  public internal(set) var removedBlobs = 0
  public internal(set) var removedBytes: UInt64 = 0
  /// What killed or failed commands had left on its way into the store.
  public internal(set) var removedLeftovers = 0

  mutating func add(_ total: FileTotal) {
    removedBlobs += total.files
    removedBytes = removedBytes.addingSaturated(total.bytes)
  }
}

extension Store {
  /// Removes what no completed checkpoint refers to and nothing in flight relies on.
  ///
  /// Safe at any time, beside anything; killed, it goes on where it was when it runs next.
  public func collectGarbage() throws(StoreError) -> CollectionReport {
    try translating {
      try refuseOlderCatalog()
      try outbox.replay()
      try refuseLeftOut()
      try outbox.removeLeftovers()
      var report = CollectionReport()
      let dead = try deadOwners()
      try removeFiles(&report)
      var last: Incarnation?
      // On a full disk the first portion must do with the reserve; what it frees serves the others.
      var limit = 32
      while true {
        let taken = try catalog.collect(dead: dead, after: last, limit: limit)
        last = taken.last
        limit = 1024
        report.add(FileTotal(files: taken.contents, bytes: taken.bytes))
        try removeFiles(&report, beside: taken.blobs)
        if taken.isComplete { break }
      }
      let staged = try blobs.removeStaging(unless: isAlive)
      report.removedLeftovers += staged.files
      report.removedLeftovers += try AbandonedRestore.removeAll(layout)
      report.removedLeftovers += try removeLocks()
      let released = try catalog.releasable(from: blobs)
      report.add(blobs.total(ofQuarantined: released))
      try blobs.removeQuarantined(released)
      try StoreReserve(layout).refill()
      return report
    }
  }

  /// What `collectGarbage` would remove, with nothing changed.
  public func collectableGarbage() throws(StoreError) -> CollectionReport {
    try translating {
      try refuseOlderCatalog()
      try refuseLeftOut()
      let found = try catalog.collectable(dead: try deadOwners())
      var report = CollectionReport()
      report.add(FileTotal(files: found.contents, bytes: found.bytes))
      report.add(try catalog.removable(from: blobs))
      return report
    }
  }

  /// An owner locks its file before the catalog knows it and no two have one name, so one found
  /// unlocked can never come back. Nor can what is past its deadline.
  private func deadOwners() throws -> [OwnerToken] {
    if Steps.isLeftOut(.checkLiveness) { return try catalog.owners() }
    return try catalog.owners().filter { try !isAlive($0) } + expiredOwners()
  }

  /// Removes the files that the catalog has given away.
  ///
  /// - Parameter counted: those of them that the report has already, or is not to have, as pages.
  private func removeFiles(
    _ report: inout CollectionReport, beside counted: [BlobName] = []
  ) throws {
    let counted = Set(counted)
    while true {
      let names = try catalog.removals(after: nil, limit: 1024)
      if names.isEmpty { return }
      let total = blobs.total(of: names.filter { !counted.contains($0) })
      try blobs.remove(names)
      try catalog.finish(removals: names)
      report.add(total)
    }
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
