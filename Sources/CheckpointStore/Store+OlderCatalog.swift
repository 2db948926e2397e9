// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

extension Store {
  /// Refuses to change anything where the catalog knows nothing of a checkpoint whose manifest lies in the store, as when an
  /// older catalog was put back.
  ///
  /// What such a catalog gives, be it a number, an id or a name of a file, may be another checkpoint's already, and what it
  /// takes for needless may be needed. It is looked at once: a catalog that is in use is not replaced.
  ///
  /// - Throws: code `damaged`.
  func refuseOlderCatalog() throws {
    guard !knowsManifests.load(ordering: .relaxed) else { return }
    // Others may be completing some, or dropping them.
    if try unknownManifest() != nil, let unknown = try outbox.settled({ try unknownManifest() }) {
      throw StoreError(
        .damaged,
        "'\(unknown)' tells of a checkpoint that the catalog does not know, as when an older catalog was put back, so nothing is "
          + "changed; run 'ckptfs fsck --rebuild-catalog', which takes it in")
    }
    knowsManifests.store(true, ordering: .relaxed)
  }

  private func unknownManifest() throws -> FilePath? {
    // Lost, it is made anew by whoever writes a manifest.
    guard try FileSystemCalls.exists(layout.manifests) else { return nil }
    for name in try DirectoryListing.names(in: layout.manifests) {
      let directory = layout.manifests.appending(bytes: name)
      guard let id = Int64(String(decoding: name, as: UTF8.self)),
        try FileStatus(ifPresent: directory)?.kind == .directory
      else { continue }
      let history = HistoryID(rawValue: id)
      let numbers = try DirectoryListing.names(in: directory)
        .compactMap { CheckpointNumber(directoryName: String(decoding: $0, as: UTF8.self)) }
      for number in try catalog.unknown(among: numbers, of: history) {
        let path = layout.manifest(of: history, number)
        if try isNews(path, of: history) { return path }
      }
    }
    return nil
  }

  /// Whether a manifest was written by another catalog after this one: a rebuild leaves some out, and knows what it did.
  private func isNews(_ path: FilePath, of history: HistoryID) throws -> Bool {
    guard case .checkpoint(let manifest) = try ManifestFile(path, of: history, in: id) else {
      return false
    }
    guard let last = try IDFile(layout).ids?.checkpoint else { return true }
    // What is not greater than that was there when a catalog was made anew; and this is one that came of it, if it has
    // given what is not less.
    return try manifest.checkpoint.id > last || catalog.lastBegun() < last
  }
}
