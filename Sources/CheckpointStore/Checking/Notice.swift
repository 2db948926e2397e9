// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// Something about a store that its user should know, but that is no damage.
public struct Notice: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// A blob's file has another owner or mode than when it came in.
    case changedAccess = "changed-access"
    /// It has, and the owner of the store cannot read it any more.
    case lostAccess = "lost-access"
    /// A file that might have held a lost content could not be read.
    case unreadableSource = "unreadable-source"
    /// A catalog was made anew, and does not know which contents are bad.
    case forgottenReadings = "forgotten-readings"
    /// What was read could not be noted.
    case unnotedReading = "unnoted-reading"
  }

  public let kind: Kind
  /// The file concerned, within the store, or that of a source.
  public let path: String
  /// The completed checkpoints that need it, by name.
  public let checkpoints: [CheckpointReference]
  public let detail: String
}
