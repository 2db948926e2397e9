// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles
import SystemPackage

/// What `Store.begin(_:of:)` finds.
public enum ShardBeginning: ~Copyable {
  case pending(PendingShard)
  /// The shard was committed earlier, whether the checkpoint is completed by now or not.
  case committed(CommittedShard)
}

/// A shard that was committed before.
public struct CommittedShard: Sendable {
  public let state: ShardState
  /// All of the shard's, its directory too, by path in the checkpoint.
  let entries: [Entry]
  let directory: EntryPath

  public var files: Int64 { Int64(entries.count { $0.content != nil }) }
  public var fullBytes: Int64 {
    entries.lazy.compactMap(\.content).map { Int64(clamping: $0.size) }.sum()
  }
}

extension Store {
  /// Begins to commit a shard of a checkpoint that is pending.
  ///
  /// - Throws: code `noSuchCheckpoint` when none was begun with the number, `expired` when it was given up, `refused` when
  ///   it was begun without the shard.
  public func begin(
    _ shard: ShardName, of checkpoint: CheckpointReference
  ) throws(StoreError) -> ShardBeginning {
    do {
      try refuseOlderCatalog()
      // Names of shards are components of paths.
      let directory = try EntryPath(shard.rawValue)
      guard let gathering = try catalog.gathering(checkpoint.number, of: checkpoint.history) else {
        return .committed(try completed(shard, at: directory, of: checkpoint))
      }
      let pending = PendingShards(gathering, at: try bootTime())
      guard pending.shards.contains(shard) else {
        throw StoreError(
          .refused,
          "\(checkpoint) was begun with the shards \(pending.shards.map(\.rawValue).joined(separator: ", ")); "
            + "'\(shard)' is none of them")
      }
      guard pending.missing.contains(shard) else {
        let pages = try catalog.pages(of: shard, in: gathering.pending)
        return .committed(
          CommittedShard(
            state: .pending(pending), entries: pages.flatMap(\.entries), directory: directory))
      }
      guard pending.remaining > .zero else { throw Self.isOver(checkpoint) }
      let owner = try LiveOwner(layout)
      let area = try blobs.makeStagingArea(owner: owner.token)
      let flight = PendingCheckpoint.Flight(
        record: gathering.pending, area: area, directory: directory, catalog: nil, owner: owner)
      return .pending(
        PendingShard(store: self, flight: flight, shard: shard, directory: directory))
    } catch {
      throw StoreError(error)
    }
  }

  private func completed(
    _ shard: ShardName, at directory: EntryPath, of checkpoint: CheckpointReference
  ) throws -> CommittedShard {
    guard let history = try catalog.history(named: checkpoint.history),
      let record = try catalog.checkpoint(checkpoint.number, of: history.id)
    else {
      if try catalog.wasGivenUp(checkpoint.number, of: checkpoint.history) {
        throw Self.isOver(checkpoint)
      }
      throw StoreError(
        .noSuchCheckpoint,
        "there is no pending checkpoint \(checkpoint); 'ckptfs begin \(checkpoint.history) --shards …' begins one"
      )
    }
    // Whoever completed it may not have come to its manifest.
    try outbox.replay()
    let entries = try catalog.pages(of: record.id).flatMap(\.entries).filter { entry in
      entry.path == directory
        || entry.path.bytes.starts(with: directory.bytes + [UInt8(ascii: "/")])
    }
    guard entries.contains(where: { $0.path == directory }) else {
      throw StoreError(.refused, "\(checkpoint) is completed, and has no shard '\(shard)'")
    }
    return CommittedShard(state: .completed(record), entries: entries, directory: directory)
  }

  private static func isOver(_ checkpoint: CheckpointReference) -> StoreError {
    StoreError(
      .expired,
      "\(checkpoint) is not pending any more: its deadline passed, or it was aborted or dropped; "
        + "'ckptfs begin \(checkpoint.history) --shards …' begins another")
  }

  /// The first path, if any, at which the files of a shard and what was committed as it are not the same.
  ///
  /// - Parameters:
  ///   - files: their paths are those within the shard.
  ///   - root: the shard's directory.
  package func firstDifference(
    between files: [SeenFile], of root: SeenFile, and shard: CommittedShard,
    progress: ProgressHandler?
  ) throws(StoreError) -> EntryPath? {
    try translating {
      try firstDifference(
        between: try root.placing(files, in: shard.directory), and: shard.entries, Cancellation(),
        progress)
    }
  }
}
