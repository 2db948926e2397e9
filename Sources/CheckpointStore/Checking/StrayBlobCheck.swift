// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles
import SystemPackage

/// One run of looking for blobs' files that the catalog does not know.
struct StrayBlobCheck {
  let store: Store

  func run(_ report: inout CheckReport) throws {
    var names: [BlobName] = []
    try listing(&report) { try store.blobs.forEachName { names.append($0) } }
    for name in names where try !store.catalog.isKnown(name) {
      // Collection forgets a blob only after its file is gone.
      guard try isThere({ try store.blobs.status(of: name) != nil }) else { continue }
      report.problems.append(stray(StoreLayout.relativeBlobs.path(of: name)))
    }
    var quarantined: [BlobName] = []
    try listing(&report) { quarantined = try store.blobs.quarantined() }
    for name in quarantined where try !store.catalog.isKnown(name) {
      guard try isThere({ try store.blobs.isQuarantined(name) }) else { continue }
      report.problems.append(stray(StoreLayout.relativeBlobs.quarantinedPath(of: name)))
    }
  }

  /// A directory that cannot be listed is a problem; what can be is gone on with.
  private func listing(_ report: inout CheckReport, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as BlobStoreError where error.code == .unreadable {
      let path = (error.cause as? FileError).map { store.layout.relativeName(of: $0.path) }
      report.problems.append(Problem(unlistable: path ?? "blobs", error.message))
    }
  }

  private func isThere(_ look: () throws -> Bool) throws -> Bool {
    do {
      return try look()
    } catch let error as BlobStoreError where error.code == .unreadable {
      // It was listed.
      return true
    }
  }

  private func stray(_ path: FilePath) -> Problem {
    Problem(
      kind: .strayBlob, path: path.string, checkpoints: [],
      detail:
        "the catalog does not know this file, which may be a piece of a checkpoint: do not remove it; once every manifest "
        + "is right, 'ckptfs fsck --rebuild-catalog' finds whose it is, or hands it to 'ckptfs gc'")
  }
}
