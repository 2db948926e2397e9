// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import SystemPackage

/// Puts a blob right whose file is damaged or gone, or moves the file out of the way.
struct BlobRepair {
  enum Outcome {
    /// What was wrong, and what was done, as a clause.
    case repaired(String)
    case quarantined
    /// What is wrong with it still.
    case left(BlobFlaw)
    /// Why nothing was done.
    case failed(String)
  }

  let store: Store
  let examination: BlobExamination
  let sources: ContentSources

  func repair(_ finding: BlobFinding, _ flaw: BlobFlaw) throws -> Outcome {
    let blob = finding.blob
    switch (finding.kind, flaw) {
    case (.page, _): return try rewritePage(blob) ? .repaired(flaw.repaired) : .left(flaw)
    case (.content, .modified): return try accept(finding)
    case (.content, .quarantined):
      if try putBack(blob) {
        return .repaired("had been moved to quarantine, is right when read again, and was put back")
      }
      fallthrough
    case (.content, _):
      if let origin = try fetch(blob, flaw) {
        return .repaired("\(flaw), and was fetched from '\(origin)'")
      }
      guard flaw.isBadForCertain, try quarantine(blob) else { return .left(flaw) }
      return .quarantined
    }
  }

  /// Gives a file that was read and is right its recorded time back.
  ///
  /// Repairs begin when all was examined. What was touched since, say a table that is hard-linked, is read again first.
  private func accept(_ finding: BlobFinding) throws -> Outcome {
    let (blob, modified) = (finding.blob, BlobFlaw.modified)
    var finding = finding
    if try store.blobs.status(of: blob.name) != finding.status {
      finding = try examination.examine(finding.stored).finding
      guard let flaw = finding.flaw else { return .repaired(modified.repaired) }
      guard try flaw == modified && store.blobs.status(of: blob.name) == finding.status else {
        return .left(flaw)
      }
    }
    try store.blobs.setModified(blob.name, to: blob.modified)
    return .repaired(modified.repaired)
  }

  /// The catalog has the text, too.
  private func rewritePage(_ blob: BlobRecord) throws -> Bool {
    guard let text = try store.catalog.pageText(blob.name),
      Digest(hashing: text) == blob.name.digest
    else { return false }
    let owner = try LiveOwner(store.layout)
    let area = try store.blobs.makeStagingArea(owner: owner.token)
    try store.blobs.replace(blob.name, by: store.blobs.stage(text, in: area))
    return true
  }

  // MARK: Quarantine

  /// The catalog first: whoever sees the file gone knows that it was bad, and no evidence counts for it any more.
  private func quarantine(_ blob: BlobRecord) throws -> Bool {
    if !blob.isCondemned { try store.catalog.condemn(blob.name, true) }
    return try store.blobs.quarantine(blob.name)
  }

  /// What made it look bad may have been a cable, or it was put right where it lies.
  private func putBack(_ blob: BlobRecord) throws -> Bool {
    // What cannot be read stays where it is.
    guard (try? store.blobs.digest(ofQuarantined: blob.name) { _ in }) == blob.name.digest else {
      return false
    }
    try store.blobs.putBack(blob.name)
    try store.blobs.setModified(blob.name, to: blob.modified)
    try store.catalog.condemn(blob.name, false)
    return true
  }

  // MARK: Fetching

  /// How often a collection may come between before that is told.
  private static let attempts = 8

  /// - Returns: where the content was; `nil` when it is nowhere.
  private func fetch(_ blob: BlobRecord, _ flaw: BlobFlaw) throws -> FilePath? {
    let owner = try LiveOwner(store.layout)
    let area = try store.blobs.makeStagingArea(owner: owner.token)
    for _ in 0..<Self.attempts {
      guard let (staged, origin) = try sources.stage(blob, in: area) else { return nil }
      // A new incarnation: who has the old file open, or remembers it, cannot take the one for the other.
      let name = try store.catalog.reserveRepair(
        NewBlob(content: staged.content, owner: blob.owner, access: staged.access))
      try store.blobs.place([(staged, name)])
      if flaw != .missing, flaw != .quarantined { _ = try quarantine(blob) }
      switch try store.catalog.settleRepair(name, replacing: blob.name) {
      case .settled, .needless: return origin
      case .collected: continue
      }
    }
    throw StoreError(
      .busy, "blob \(blob.name) could not be put back, since collections came between; try again")
  }
}
