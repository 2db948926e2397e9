// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import RocksDB
public import SystemPackage

/// How a ``SnapshotEngine`` takes its snapshots.
public struct EngineOptions: Hashable, Sendable {
  /// What to do where writes skipped the log (`WriteOptions.disableWAL`) and `flush` would not flush them.
  public enum UnloggedWrites: Hashable, Sendable {
    /// Flush all the same.
    case flush
    /// Refuse the snapshot, with ``SnapshotError/Code/unlogged``.
    case refuse
  }

  /// Who says that a checkpoint counts.
  public enum Confirmation: Hashable, Sendable {
    /// Nobody has to: a checkpoint counts as soon as it is complete.
    case none
    /// A coordinator, by ``SnapshotEngine/notifyComplete(_:)`` or ``SnapshotEngine/notifyAborted(_:)``. Until then a
    /// checkpoint has the tag `unconfirmed-N`, and none is based on it.
    case byCoordinator
  }

  /// Whether the memtables are flushed on the caller's thread, or the logs copied.
  public var flush: FlushPolicy
  public var unloggedWrites: UnloggedWrites
  public var confirmation: Confirmation
  /// How contents come into the store.
  public var ingest: IngestPolicy
  /// How many files one snapshot reads at a time.
  public var workers: Int
  /// An existing directory, on the database's file system, in which the engine makes its own. The parent of the
  /// database's directory for `nil`.
  public var workingDirectory: FilePath?

  public init(
    flush: FlushPolicy = .always, unloggedWrites: UnloggedWrites = .flush,
    confirmation: Confirmation = .none, ingest: IngestPolicy = .auto, workers: Int = 4,
    workingDirectory: FilePath? = nil
  ) {
    self.flush = flush
    self.unloggedWrites = unloggedWrites
    self.confirmation = confirmation
    self.ingest = ingest
    self.workers = workers
    self.workingDirectory = workingDirectory
  }
}
