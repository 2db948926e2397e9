// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles
import Synchronization

/// A checkpoint being taken. Nobody sees it until `complete` returned; given up, it leaves nothing.
///
/// It is alive while its process holds a lock. Giving up needs no call: `deinit` does it, and what a
/// killed process leaves, `gc` collects.
public struct PendingCheckpoint: ~Copyable {
  let store: Store
  let flight: Flight

  public var number: CheckpointNumber { flight.record.number }
  public var history: HistoryName { flight.record.historyName }
  /// What it is compared with.
  package var base: CheckpointRecord? { flight.record.base }

  /// What a pending checkpoint holds while it is in flight.
  final class Flight: Sendable {
    let record: PendingRecord
    let area: StagingArea
    /// The directory that all of its entries are in, where it is one shard.
    let directory: EntryPath?
    /// Where it is given up; `nil` for a part of what others take, too, and which outlives this one.
    private let catalog: (any Catalog)?
    private let owner: Mutex<LiveOwner?>

    init(
      record: PendingRecord, area: StagingArea, directory: EntryPath? = nil,
      catalog: (any Catalog)?, owner: consuming LiveOwner
    ) {
      self.record = record
      self.area = area
      self.directory = directory
      self.catalog = catalog
      self.owner = Mutex(consume owner)
    }

    /// The catalog holds nothing of it any more, so there is nothing to give up.
    func land() throws(FileError) {
      if let owner = owner.withLock({ $0.take() }) { try owner.leave() }
    }

    deinit {
      guard let owner = owner.withLock({ $0.take() }) else { return }
      // Without the catalog now, gc finds the dead owner later: nothing is lost, and nothing can
      // complete it any more.
      try? catalog?.abort(record)
      try? owner.leave()
    }
  }
}

/// What `Store.begin` finds.
public enum BeginResult: ~Copyable {
  case pending(PendingCheckpoint)
  /// The number asked for was completed earlier.
  case completed(CheckpointRecord)
}

extension Store {
  /// Begins a checkpoint of `history`, which need not exist.
  ///
  /// - Parameter number: the next of the history for `nil`.
  /// - Throws: code `busy` when the number is being taken, `refused` when it was dropped.
  public func begin(
    _ history: HistoryName, number: CheckpointNumber? = nil
  ) throws(StoreError) -> BeginResult {
    do {
      try refuseOlderCatalog()
      let owner = try LiveOwner(layout)
      switch try beginning(number, of: history, owner.token) {
      case .completed(let checkpoint):
        try owner.leave()
        // Whoever completed it may not have come to its manifest.
        try outbox.replay()
        return .completed(checkpoint)
      case .pending(let record):
        let area = try blobs.makeStagingArea(owner: owner.token)
        let flight = PendingCheckpoint.Flight(
          record: record, area: area, catalog: catalog, owner: owner)
        return .pending(PendingCheckpoint(store: self, flight: flight))
      }
    } catch {
      throw StoreError(error)
    }
  }

  private func beginning(
    _ number: CheckpointNumber?, of history: HistoryName, _ owner: OwnerToken
  ) throws -> Beginning {
    let begin = { [self] () throws(CatalogError) in
      try catalog.begin(
        number, of: history, owner: owner, now: Timestamp(nanoseconds: WallClock.now()),
        isAlive: isAlive)
    }
    do throws(CatalogError) {
      return try begin()
    } catch {
      guard error.code == .busy, try expireGatherings() else { throw error }
      return try begin()
    }
  }

  /// Whether an owner still holds its lock.
  func isAlive(_ owner: OwnerToken) throws -> Bool {
    try FileLock.isHeld(layout.lock(of: owner))
  }
}
