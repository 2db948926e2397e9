// SPDX-License-Identifier: Apache-2.0

/// How far the asynchronous part of a snapshot has come.
public struct SnapshotProgress: Hashable, Sendable {
  public enum Phase: Hashable, Sendable, CaseIterable {
    /// What RocksDB left is judged, and compared with the base.
    case comparing
    /// Files are read that the store may not have.
    case ingesting
    /// All is in the store. From here on the checkpoint becomes visible, and cannot be cancelled any more.
    case completing
  }

  public let phase: Phase
  /// Of `totalBytes`; both are 0 until files are read, and stay so where none has to be.
  public let doneBytes: Int64
  public let totalBytes: Int64
}

/// Is told of progress, from any thread and from several at a time; what it does holds the snapshot up.
public typealias SnapshotProgressHandler = @Sendable (SnapshotProgress) -> Void
