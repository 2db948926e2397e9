// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// Something about a store that its user should know, but that is no damage.
public struct Notice: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// Blobs' files have another owner or mode than when they came in.
    case changedAccess = "changed-access"
    /// They have, and the owner of the store cannot read them any more.
    case lostAccess = "lost-access"
    /// What might have held a lost content could not be read, or is a link, which is not followed.
    case unreadableSource = "unreadable-source"
    /// A catalog was made anew, and does not know which contents are bad.
    case forgottenReadings = "forgotten-readings"
    /// What was read could not be noted.
    case unnotedReading = "unnoted-reading"
    /// A rebuild found two histories of one name.
    case renamedHistory = "renamed-history"
  }

  public let kind: Kind
  /// The file concerned, within the store, or that of a source.
  public let path: String
  /// Others of which the very same is to be told.
  public var others: [String] = []
  /// The completed checkpoints that need it, by name.
  public let checkpoints: [CheckpointReference]
  public let detail: String
}

extension Notice {
  /// - Parameter history: with the name that it has now.
  init(renamed old: HistoryName, to history: HistoryManifest) {
    self.init(
      kind: .renamedHistory, path: "manifests/\(history.id.rawValue)/history", checkpoints: [],
      detail:
        "another history, which was committed to later, is named '\(old)', too, so this one is '\(history.name)' now; 'ckptfs rename' "
        + "gives it a name of your choice")
  }
}
