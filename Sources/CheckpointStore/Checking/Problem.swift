// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// Something in a store that is not as it should be.
public struct Problem: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    /// The catalog's file is not there.
    case lostCatalog = "lost-catalog"
    /// The catalog cannot be read, or contradicts itself.
    case damagedCatalog = "damaged-catalog"
    case missingBlob = "missing-blob"
    case changedBlob = "changed-blob"
    case corruptBlob = "corrupt-blob"
    case unreadableBlob = "unreadable-blob"
    /// A repair moved its file out of the way, and its content was not found elsewhere.
    case quarantinedBlob = "quarantined-blob"
    /// A file among the blobs that the catalog does not know.
    case strayBlob = "stray-blob"
    /// What lies in it is not known.
    case unreadableDirectory = "unreadable-directory"
    case missingManifest = "missing-manifest"
    case wrongManifest = "wrong-manifest"
    /// A manifest of a checkpoint or tag that the catalog does not know.
    case strayManifest = "stray-manifest"
  }

  public let kind: Kind
  /// The file concerned, within the store.
  public let path: String
  /// The completed checkpoints that are hurt, by name.
  public let checkpoints: [CheckpointReference]
  public let detail: String
}

extension Problem {
  /// The same, where it hurts others.
  public func hurting(_ checkpoints: [CheckpointReference]) -> Problem {
    Problem(kind: kind, path: path, checkpoints: checkpoints, detail: detail)
  }

  /// Something in the place of a history's directory.
  init(noHistory path: String) {
    self.init(
      kind: .strayManifest, path: path, checkpoints: [],
      detail: "it is no history's directory, and was not looked into; move it out of the store")
  }

  init(unlistable path: String, _ reason: String) {
    self.init(
      kind: .unreadableDirectory, path: path, checkpoints: [],
      detail: "what lies in it that nothing needs cannot be told: \(reason)")
  }
}

extension Problem.Kind {
  init(_ flaw: BlobFlaw) {
    switch flaw {
    case .missing: self = .missingBlob
    case .quarantined: self = .quarantinedBlob
    case .notRegular, .size, .modified: self = .changedBlob
    case .content: self = .corruptBlob
    case .unreadable: self = .unreadableBlob
    }
  }
}
