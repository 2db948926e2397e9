// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles

/// A checkpoint that is pending until all of its shards are committed.
public struct PendingShards: Hashable, Sendable {
  public let reference: CheckpointReference
  /// By name.
  public let shards: [ShardName]
  /// Those that are not committed yet.
  public let missing: [ShardName]
  /// Until it is given up; zero or less when that may happen at any moment.
  public let remaining: Duration

  /// `pending: shards b, c not yet committed, deadline in 4 min`.
  public var summary: String {
    "pending: shard\(missing.count == 1 ? "" : "s") \(missingNames) not yet committed, \(deadline)"
  }

  /// `b, c`: those that are missing, the first few where there are many.
  public var missingNames: String { Self.few(of: missing.map(\.rawValue)) }

  /// `b, c`, or the first few of many.
  public static func few(of names: [String]) -> String {
    let named = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(named) and \(names.count - 8) more" : named
  }

  /// `deadline in 4 min`.
  public var deadline: String {
    let seconds = (remaining + .milliseconds(999)).components.seconds
    return switch seconds {
    case _ where remaining <= .zero: "deadline passed"
    case ..<120: "deadline in \(seconds) s"
    case ..<7200: "deadline in \(seconds / 60) min"
    default: "deadline in \(seconds / 3600) h"
    }
  }

  init(_ gathering: Gathering, at moment: BootTime) {
    let pending = gathering.pending
    reference = CheckpointReference(history: pending.historyName, number: pending.number)
    shards = gathering.shards.map(\.name)
    missing = gathering.missing
    remaining = gathering.deadline.remaining(at: moment)
  }
}

extension Store {
  /// Begins a checkpoint of several shards, each of which a process of its own may commit, in any order.
  ///
  /// It is completed by whoever commits the last one, and given up when that has not happened after `period`: by the
  /// boot clock, which nobody sets; a restart of the machine begins it anew. What was begun before with the same
  /// number and shards is found again, with the deadline that it has. Durable on return.
  ///
  /// - Parameters:
  ///   - shards: at least one.
  ///   - number: the next of the history for `nil`; one that was chosen here is never chosen again.
  /// - Throws: code `busy` when the number is being taken in another way, `exists` when it was completed, `refused` when
  ///   it was dropped.
  public func begin(
    _ history: HistoryName, shards: Set<ShardName>, number: CheckpointNumber? = nil,
    for period: Duration
  ) throws(StoreError) -> (pending: PendingShards, isExisting: Bool) {
    guard !shards.isEmpty else {
      throw StoreError(.invalid, "a checkpoint of \(history) without any shard can never complete")
    }
    return try translating {
      try refuseOlderCatalog()
      let moment = try bootTime()
      let request = GatheringRequest(
        history: history, number: number, shards: shards, owner: OwnerToken(), period: period)
      let beginning = try catalog.gather(
        request, now: Timestamp(nanoseconds: WallClock.now()), at: moment, isAlive: isAlive)
      switch beginning {
      case .begun(let gathering):
        return (PendingShards(gathering, at: moment), isExisting: false)
      case .existing(let gathering):
        return (PendingShards(gathering, at: moment), isExisting: true)
      case .completed(let record):
        throw StoreError(
          .exists,
          "\(history)/\(record.number.directoryName) is completed already; choose another --number")
      }
    }
  }

  /// Gives a pending checkpoint up, with all shards that were committed to it. Durable on return.
  ///
  /// - Throws: code `noSuchCheckpoint` when it is not pending, `refused` when it is completed, `busy` when a process
  ///   that lives is taking it.
  public func abort(_ checkpoint: CheckpointReference) throws(StoreError) {
    try translating {
      try refuseOlderCatalog()
      try catalog.abort(checkpoint.number, of: checkpoint.history, isAlive: isAlive)
    }
  }

  /// The checkpoints that wait for shards, in the order in which they began.
  public func pendingShards() throws(StoreError) -> [PendingShards] {
    try translating {
      let moment = try bootTime()
      return try catalog.gatherings().map { PendingShards($0, at: moment) }
    }
  }

  /// The same of one checkpoint, if it does.
  public func pendingShards(of checkpoint: CheckpointReference) throws(StoreError) -> PendingShards?
  {
    try translating {
      try catalog.gathering(checkpoint.number, of: checkpoint.history)
        .map { PendingShards($0, at: try bootTime()) }
    }
  }

  /// What to say of a checkpoint that is not there, where it waits for shards.
  func pendingError(_ selector: CheckpointSelector) throws(StoreError) -> StoreError? {
    guard case .number(let number) = selector.point,
      let pending = try pendingShards(
        of: CheckpointReference(history: selector.history, number: number))
    else { return nil }
    return StoreError(.noSuchCheckpoint, "\(pending.reference) is \(pending.summary)")
  }

  func bootTime() throws(FileError) -> BootTime {
    BootTime(boot: try BootClock.boot(), nanoseconds: try BootClock.now())
  }

  /// Gives up what waits for shards past its deadline.
  ///
  /// - Returns: whether there was any.
  func expireGatherings() throws -> Bool {
    guard try !expiredOwners().isEmpty else { return false }
    try catalog.expire(at: bootTime())
    return true
  }

  /// The owners of what waits for shards past its deadline.
  func expiredOwners() throws -> [OwnerToken] {
    // Without any, nobody needs to know the time.
    try catalog.gatherings().isEmpty ? [] : catalog.expired(at: bootTime())
  }
}
