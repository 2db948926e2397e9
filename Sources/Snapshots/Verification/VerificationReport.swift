// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// What verifying a checkpoint found.
public struct VerificationReport: Sendable {
  public enum Outcome: String, Sendable {
    case sound
    /// Something in it could not be looked at, and what was is sound.
    case notVerified
    case damaged
  }

  /// A file that is not as it was written.
  public struct Damage: Hashable, Sendable {
    /// Its path in the checkpoint, as messages have it.
    public let file: String
    public let detail: String
  }

  /// A directory of the checkpoint that holds a database.
  public struct Database: Sendable {
    /// Its path in the checkpoint: that of a shard; `nil` for the checkpoint's own directory.
    public let path: EntryPath?
    public internal(set) var tables = 0
    public internal(set) var blobFiles = 0
    public internal(set) var logs = 0
    /// The bytes that were read and compared.
    public internal(set) var bytes: Int64 = 0
    public internal(set) var damage: [Damage] = []
    /// Why something could not be verified, each a clause.
    public internal(set) var notVerified: [String] = []
    /// Checksums were compared, but it was not opened, for this reason.
    public internal(set) var notOpened: String?

    init(path: EntryPath?) { self.path = path }

    public var outcome: Outcome {
      damage.isEmpty ? notVerified.isEmpty ? .sound : .notVerified : .damaged
    }
  }

  public let checkpoint: CheckpointReference
  public internal(set) var databases: [Database] = []
  /// Of files that belong to no database.
  public internal(set) var damage: [Damage] = []

  init(checkpoint: CheckpointReference) { self.checkpoint = checkpoint }

  /// A checkpoint without a database says nothing about one.
  public var outcome: Outcome {
    let outcomes = databases.map(\.outcome)
    if !damage.isEmpty || outcomes.contains(.damaged) { return .damaged }
    return databases.isEmpty || outcomes.contains(.notVerified) ? .notVerified : .sound
  }
}
