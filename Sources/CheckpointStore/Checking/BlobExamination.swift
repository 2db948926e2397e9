// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

/// Compares one blob's file with its record, and its bytes with its digest.
struct BlobExamination: Sendable {
  /// Which blobs are read.
  enum Depth: Sendable {
    /// Pages, which are small and which all else is known by.
    case pages
    /// What looks wrong, too, to learn whether it is.
    case suspects
    /// All but those that were read in the pass already and have not been touched since.
    case all(since: ReadingPass?)
  }

  let store: Store
  let depth: Depth
  let cancellation: Cancellation
  let counter: ByteCounter
  /// Why a blob could not be condemned, or not be any more: who examines tells what was found, and then this.
  let condemning = FirstFailure()

  /// - Returns: what is wrong, and the reading to note, if all was read and is right.
  /// - Throws: `CancellationError` once asked to end; not what the blob's file fails with, which is a finding.
  func examine(_ stored: StoredBlob) throws -> (finding: BlobFinding, reading: Reading?) {
    var finding = BlobFinding(stored)
    do {
      let reading = try examine(stored, &finding)
      return (finding, reading)
    } catch let error as BlobStoreError {
      try cancellation.check()
      // What this process lacks is no damage.
      guard error.code == .unreadable else { throw error }
      finding.flaw = .unreadable(error.message)
      return (finding, nil)
    }
  }

  private func examine(_ stored: StoredBlob, _ finding: inout BlobFinding) throws -> Reading? {
    let blob = stored.record
    guard let status = try store.blobs.status(of: blob.name) else {
      finding.flaw = try store.absence(of: blob)
      return nil
    }
    finding.status = status
    finding.flaw = BlobFlaw(status, of: blob)
    switch stored.kind {
    case .content: finding.access = AccessChange(status, of: blob)
    // A page's text was written by us, so its time says nothing.
    case .page: if finding.flaw == .modified { finding.flaw = nil }
    }
    guard isToBeRead(stored, status, finding.flaw) else { return nil }
    let found = try flawOfBytes(of: blob, isCounted: !wasCounted(stored))
    // What was touched while it was read was not read as it is now: that takes nothing back.
    if try found == nil && store.blobs.status(of: blob.name) != status { return nil }
    finding.flaw = found ?? (finding.flaw == .modified ? .modified : nil)
    try judge(stored, found)
    return found == nil ? Reading(name: blob.name, changed: status.changed) : nil
  }

  private func isToBeRead(
    _ stored: StoredBlob, _ status: BlobStatus, _ flaw: BlobFlaw?
  ) -> Bool {
    switch (flaw, depth) {
    case (nil, .all(let pass)):
      stored.kind == .page || !wasRead(stored, status, in: pass)
    case (.modified, .suspects), (.content, .suspects), (.modified, .all), (.content, .all): true
    case (nil, _), (.content, _): stored.kind == .page
    default: false
    }
  }

  private func wasRead(
    _ stored: StoredBlob, _ status: BlobStatus, in pass: ReadingPass?
  ) -> Bool {
    guard let pass, let last = stored.lastReading else { return false }
    return last.turn > pass.turn && last.changed == status.changed
  }

  /// Whether the pass was resumed with its bytes among those that had been read: pages are read by every run, and so is
  /// what was touched since.
  private func wasCounted(_ stored: StoredBlob) -> Bool {
    guard case .all(let pass?) = depth, let last = stored.lastReading else { return false }
    return last.turn > pass.turn
  }

  private func flawOfBytes(
    of blob: BlobRecord, isCounted: Bool
  ) throws(BlobStoreError) -> BlobFlaw? {
    let digest = try store.blobs.digest(of: blob.name) { count throws(CancellationError) in
      try cancellation.check()
      counter.add(isCounted ? count : 0)
    }
    return digest == blob.name.digest ? nil : .content
  }

  /// What a reader knows to be wrong it must not show; what was put right it may again.
  private func judge(_ stored: StoredBlob, _ found: BlobFlaw?) throws(BlobStoreError) {
    let name = stored.record.name
    guard stored.kind == .content, stored.record.isCondemned != (found == .content) else { return }
    if found == nil { try store.blobs.sync(name) }
    do throws(CatalogError) {
      try store.catalog.condemn(name, found == .content)
    } catch {
      condemning.note(error)
    }
  }
}
