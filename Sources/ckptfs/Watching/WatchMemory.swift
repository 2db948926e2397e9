// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Snapshots

/// What a watch knows of the last snapshot: how the database looked before it, and which checkpoint holds that.
struct WatchMemory {
  private let look: LiveDatabaseLook
  private let latest: CheckpointRecord

  /// - Parameter look: of before the snapshot that `report` tells of.
  /// - Returns: `nil` when that is not the latest checkpoint any more.
  init?(_ look: LiveDatabaseLook, _ report: CommitReport, in store: Store) throws {
    guard let latest = try Self.latest(of: report.history, in: store),
      latest.number == report.number
    else { return nil }
    self.look = look
    self.latest = latest
  }

  /// The latest checkpoint of the history, if it still is the one that holds all of a database that looks so.
  func checkpoint(
    of history: HistoryName, holding look: LiveDatabaseLook, in store: Store
  ) throws -> CheckpointReference? {
    guard look.isSame(as: self.look), let now = try Self.latest(of: history, in: store),
      // Not by its id, which a rebuilt catalog gives anew.
      now.number == latest.number, now.completed == latest.completed
    else { return nil }
    return CheckpointReference(history: history, number: now.number)
  }

  private static func latest(
    of history: HistoryName, in store: Store
  ) throws -> CheckpointRecord? {
    do throws(StoreError) {
      return try store.checkpoint(CheckpointSelector(history: history, point: .latest))
    } catch {
      if error.code == .noSuchHistory || error.code == .noSuchCheckpoint { return nil }
      throw error
    }
  }
}
