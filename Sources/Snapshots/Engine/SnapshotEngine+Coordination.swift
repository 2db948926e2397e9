// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
public import Checkpoints

/// For an engine whose checkpoints are parts of a whole that a coordinator completes or aborts
/// (``EngineOptions/Confirmation/byCoordinator``).
///
/// What was materialised is durable, so the coordinator may be told, and this process may die, before the coordinator's answer
/// comes: the tag `unconfirmed-N` tells what is open, and the next engine of the history takes the answer.
extension SnapshotEngine {
  /// Confirms a checkpoint that was materialised: from now on others are based on it. Durable on return.
  ///
  /// Confirming again does nothing.
  /// - Throws: ``SnapshotError`` with code `store(.noSuchCheckpoint)` when it was aborted or never materialised,
  ///   `store(.busy)` when its snapshot has not ended.
  public func notifyComplete(_ number: CheckpointNumber) async throws(SnapshotError) {
    if try flight(number) != nil {
      throw SnapshotError(
        .store(.busy),
        "\(history)/\(number.directoryName) is not materialised yet, so nobody can rely on it; confirm it "
          + "when its snapshot has ended")
    }
    try await blocking { engine in
      let store = engine.store
      // It must be there; whether it is confirmed already does not matter.
      _ = try engine.checkpoint(number)
      do throws(StoreError) {
        try store.untag(.unconfirmed(number), of: try store.history(named: engine.history))
      } catch {
        if error.code != .noSuchTag { throw error }
      }
    }
  }

  /// Takes a checkpoint back that was not confirmed: cancels its snapshot, or drops it. Durable on return.
  ///
  /// Whatever other checkpoints and snapshots use of it stays theirs. Where there is nothing of that number, nothing
  /// is to be done.
  /// - Throws: ``SnapshotError`` with code `store(.refused)` when it was confirmed, or somebody gave it a tag.
  public func notifyAborted(_ number: CheckpointNumber) async throws(SnapshotError) {
    if let flight = try flight(number), await !flight.cancel() { return }
    try await blocking { engine in
      do throws(StoreError) {
        try engine.store.withdraw(try engine.checkpoint(number))
      } catch {
        switch error.code {
        case .noSuchHistory, .noSuchCheckpoint: return
        default: throw error
        }
      }
    }
  }

  /// The checkpoints that were materialised, by this engine or an earlier one, and are neither confirmed nor aborted.
  public func unconfirmed() async throws(SnapshotError) -> [CheckpointNumber] {
    try await blocking { engine in
      do throws(StoreError) {
        let history = try engine.store.history(named: engine.history)
        return try engine.store.tags(of: history)
          .filter { $0.name == .unconfirmed($0.number) }.map(\.number).sorted()
      } catch {
        if error.code == .noSuchHistory { return [] }
        throw error
      }
    }
  }

  private func checkpoint(
    _ number: CheckpointNumber
  ) throws(StoreError) -> CheckpointRecord {
    try store.checkpoint(CheckpointSelector(history: history, point: .number(number)))
  }

  private func blocking<Value: Sendable>(
    _ body: @escaping @Sendable (SnapshotEngine) throws -> Value
  ) async throws(SnapshotError) -> Value {
    try await threads.run {
      Result { () throws(SnapshotError) in try translating { try body(self) } }
    }.get()
  }
}
