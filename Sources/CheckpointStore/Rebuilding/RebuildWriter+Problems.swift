// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import SystemPackage

// MARK: - What is told of a content that is bad or lost

extension RebuildWriter {
  static let remedy =
    "; 'ckptfs fsck --repair --source DIR' fetches it from a directory or store that has it"

  static func path(of name: BlobName) -> String { StoreLayout.relativeBlobs.path(of: name).string }

  static func spoilt(
    _ name: BlobName, _ flaw: BlobFlaw, _ path: EntryPath, _ reference: CheckpointReference
  ) -> Problem {
    Problem(
      kind: Problem.Kind(flaw), path: Self.path(of: name), checkpoints: [reference],
      detail: "the content of '\(path)' is bad: its file \(flaw)\(remedy)")
  }
}

// MARK: - What is told of a checkpoint that is left out

extension RebuildWriter {
  static func manifest(of checkpoint: CheckpointRecord) -> String {
    "manifests/\(checkpoint.history.rawValue)/\(checkpoint.number.directoryName)"
  }

  static func nameless(_ checkpoint: CheckpointRecord) -> Problem {
    Problem(
      kind: .missingManifest, path: "manifests/\(checkpoint.history.rawValue)/history",
      checkpoints: [],
      detail:
        "the history's name is not known, so its \(checkpoint.number.directoryName) is left out; put this file back from a backup, "
        + "or move its directory out of the store to accept that, and rebuild again")
  }

  static func pageless(
    _ checkpoint: CheckpointRecord, _ reference: CheckpointReference, _ digest: Digest,
    unread: String?
  ) -> Problem {
    let detail =
      if let unread {
        "a page of its entries cannot be read (\(unread)), so the checkpoint is left out; once it can be, or was put back "
          + "from a backup, rebuild again"
      } else {
        "a page of its entries is lost, so the checkpoint is left out; put the page back, or remove "
          + "'\(manifest(of: checkpoint))' to accept the loss, and rebuild again"
      }
    return Problem(
      kind: unread == nil ? .missingBlob : .unreadableBlob,
      path: "\(StoreLayout.relativeBlobs.shelf(of: digest))/\(digest)-*", checkpoints: [reference],
      detail: detail)
  }

  static func contradicting(
    _ checkpoint: CheckpointRecord, _ reference: CheckpointReference
  ) -> Problem {
    Problem(
      kind: .wrongManifest, path: manifest(of: checkpoint), checkpoints: [reference],
      detail:
        "it lists pages that contradict each other, as no ckptfs writes it, so the checkpoint is left out; put the right one back, "
        + "or remove it to accept the loss, and rebuild again")
  }
}
