// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import SystemPackage

/// How a blob's file differs from its record.
struct BlobFinding: Sendable {
  let stored: StoredBlob
  /// What the file looked like before any of it was read; `nil` when it was not there.
  var status: BlobStatus?
  var flaw: BlobFlaw?
  var access: AccessChange?

  init(_ stored: StoredBlob) { self.stored = stored }

  var blob: BlobRecord { stored.record }
  var kind: BlobKind { stored.kind }
  var isNothing: Bool { flaw == nil && access == nil }
  /// Where its file lies, within the store.
  var path: String {
    flaw == .quarantined ? quarantinePath : StoreLayout.relativeBlobs.path(of: blob.name).string
  }
  var quarantinePath: String { StoreLayout.relativeBlobs.quarantinedPath(of: blob.name).string }

  /// The finding in words.
  ///
  /// - Parameters:
  ///   - path: where the file lies, within the store.
  ///   - users: the checkpoints that are hurt.
  ///   - predicate: what is wrong with it, and what to do.
  func problem(
    _ problem: Problem.Kind, at path: String, hurting users: [CheckpointReference],
    _ predicate: String
  ) -> Problem {
    Problem(
      kind: problem, path: path, checkpoints: users,
      detail: "the \(kind == .page ? "page" : "blob") \(predicate)")
  }
}

extension Store {
  /// The findings whose blobs are stored still, each with the completed checkpoints that need it: the others were
  /// collected since they were listed.
  func users(
    of findings: [BlobFinding]
  ) throws -> [(finding: BlobFinding, users: [CheckpointReference])] {
    let stored = try findings.filter { try catalog.isStored($0.blob.name) }
    guard !stored.isEmpty else { return [] }
    return Array(zip(stored, try catalog.checkpoints(needing: stored.map(\.blob.name))))
  }
}
