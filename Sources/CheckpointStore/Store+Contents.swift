// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
package import Checkpoints
import DurabilitySteps
import LinuxFiles

extension Store {
  /// Opens a content after checking its file against the record (promise P9).
  ///
  /// - Returns: `nil` when no completed checkpoint refers to it.
  /// - Throws: code `damaged` when the file is not what was recorded.
  package func open(_ digest: Digest) throws(StoreError) -> OpenFile? {
    try translating {
      if let known = openedBlobs.value(for: digest), let opened = try open(known),
        isAsRecorded(opened.status, known)
      {
        return opened.file
      }
      guard let blob = try catalog.blob(digest) else { return nil }
      let opened = try open(blob)
      if let opened, isAsRecorded(opened.status, blob) {
        openedBlobs.insert(blob, for: digest)
        return opened.file
      }
      // Collected between the two: as gone as if it had been before.
      guard try catalog.references(to: digest) > 0 else { return nil }
      let flaw = try opened.flatMap { BlobFlaw($0.status, of: blob) } ?? absence(of: blob)
      throw try damaged(blob, flaw)
    }
  }

  /// - Returns: `nil` where there is no file.
  private func open(_ blob: BlobRecord) throws -> (file: OpenFile, status: BlobStatus)? {
    do {
      return try blobs.open(blob.name)
    } catch {
      // Something else may lie in its place that cannot be opened, such as a link.
      guard let flaw = try flaw(of: blob) else { throw error }
      throw try damaged(blob, flaw)
    }
  }

  private func damaged(_ blob: BlobRecord, _ flaw: BlobFlaw) throws -> StoreError {
    let damage = Damage(blob: blob.name, checkpoints: try users(of: blob))
    return StoreError(.damaged, message(flaw, damage), damage: damage)
  }

  private func isAsRecorded(_ status: BlobStatus, _ blob: BlobRecord) -> Bool {
    Steps.isLeftOut(.checkOpened) || BlobFlaw(status, of: blob) == nil
  }

  /// What is wrong with a blob's file, as far as its status tells.
  func flaw(of blob: BlobRecord) throws(BlobStoreError) -> BlobFlaw? {
    guard let status = try blobs.status(of: blob.name) else { return try absence(of: blob) }
    return BlobFlaw(status, of: blob)
  }

  /// Why a blob's file is not where it should be.
  func absence(of blob: BlobRecord) throws(BlobStoreError) -> BlobFlaw {
    try blobs.isQuarantined(blob.name) ? .quarantined : .missing
  }

  func message(_ flaw: BlobFlaw, _ blob: BlobRecord) throws -> String {
    message(flaw, Damage(blob: blob.name, checkpoints: try users(of: blob)))
  }

  private func message(_ flaw: BlobFlaw, _ damage: Damage) -> String {
    "blob \(damage.blob) \(flaw); needed by \(damage.checkpoints.inWords)"
  }

  private func users(of blob: BlobRecord) throws -> [CheckpointReference] {
    Array(try catalog.checkpoints(needing: [blob.name]).joined())
  }
}
