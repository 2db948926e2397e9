// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import SystemPackage

extension Store {
  /// Refuses a checkpoint that was begun beside manifests of which the catalog knows nothing, as when an older catalog was
  /// put back: its own would be written over one of them, which is the last trace of another checkpoint.
  ///
  /// - Parameter giveUp: takes back what began it.
  /// - Throws: code `damaged`.
  func refuseOlderCatalog(_ pending: PendingRecord, giveUp: () throws -> Void) throws {
    guard let unknown = try unknownManifest(beside: pending) else { return }
    try giveUp()
    throw StoreError(
      .damaged,
      "'\(unknown)' tells of a checkpoint that the catalog does not know, as when an older catalog was put back; "
        + "'ckptfs fsck --rebuild-catalog' makes one that does")
  }

  /// Looked for where it costs little: in the pending one's own place, and with a history's first checkpoint anywhere.
  private func unknownManifest(beside pending: PendingRecord) throws -> FilePath? {
    let own = layout.manifest(of: pending.history, pending.number)
    if try FileSystemCalls.exists(own) { return own }
    guard try catalog.lastCompletion(in: pending.history) == nil,
      try manifestOfUnknownHistory() != nil
    else { return nil }
    // Others may be completing some, or dropping them.
    return try outbox.settled { try manifestOfUnknownHistory() }
  }

  private func manifestOfUnknownHistory() throws -> FilePath? {
    guard try FileSystemCalls.exists(layout.manifests) else { return nil }
    let ids = try DirectoryListing.names(in: layout.manifests)
      .compactMap { Int64(String(decoding: $0, as: UTF8.self)) }.sorted()
    for history in ids.map(HistoryID.init(rawValue:)) {
      // Where it knows some of a history it gives the next number, and that one's place is looked at.
      guard try catalog.lastCompletion(in: history) == nil else { continue }
      let numbers = try DirectoryListing.names(in: layout.directory(of: history))
        .compactMap { CheckpointNumber(directoryName: String(decoding: $0, as: UTF8.self)) }
      if let unknown = numbers.min() { return layout.manifest(of: history, unknown) }
    }
    return nil
  }
}
