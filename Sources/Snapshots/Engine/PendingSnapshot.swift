// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// A moment of a database that RocksDB has fixed by hard links, and that is not in the store yet.
///
/// ``materialize(progress:)`` takes it there, once; letting it go without gives it up, which removes the local directory there
/// and then. It may be handed to another thread or task.
///
///     let snapshot = try engine.takeSnapshot()      // short, where the database is written
///     Task { report(try await snapshot.materialize()) }
public final class PendingSnapshot: Sendable {
  private let flight: SnapshotFlight

  public var number: CheckpointNumber { flight.number }
  /// What somebody should know though it did no harm, each on a line: left-overs that were removed.
  public var warnings: [String] { flight.taken.warnings }

  init(_ flight: SnapshotFlight) {
    self.flight = flight
  }

  deinit { flight.abandon() }

  /// Takes the snapshot into the store: compares it with the base, reads what is new, and completes the checkpoint.
  ///
  /// Durable on return. It works on threads of its own, so that no thread of Swift's pool waits for a disk. Several snapshots may
  /// be materialised at a time and complete in any order. Cancelling the task is ``cancel()``. Whatever it throws, the
  /// local directory is gone and no checkpoint is there, unless the message says that it completed and only its manifest was not
  /// written, which the next use of the store does. What the store had taken in is collected by `gc`, or recognised by the next
  /// snapshot.
  ///
  /// - Precondition: It was not called before.
  /// - Throws: ``SnapshotError`` with code `cancelled`; `exists` when another process completed the number;
  ///   `store(.expired)` when the store was told to give it up.
  public func materialize(
    progress: SnapshotProgressHandler? = nil
  ) async throws(SnapshotError) -> SnapshotReport {
    try await flight.materialize(progress)
  }

  /// Gives the snapshot up at any moment: closes every file, removes the local directory and what was staged.
  ///
  /// Returns when all of that is done. A snapshot that was cancelled never completes.
  /// - Returns: `false` when it had completed, or was about to and did: then the checkpoint is there.
  @discardableResult
  public func cancel() async -> Bool {
    await !flight.cancel()
  }
}
