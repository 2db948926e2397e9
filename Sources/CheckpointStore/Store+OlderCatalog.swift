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
    if let unknown = try unknownManifest() {
      throw StoreError(
        .damaged,
        "'\(unknown)' tells of a checkpoint that the catalog does not know, as when an older catalog was put back, so nothing is "
          + "changed; run 'ckptfs fsck --rebuild-catalog', which takes it in")
    }
    knowsManifests.store(true, ordering: .relaxed)
  }

  /// A manifest that was not written of this catalog, nor left out by the rebuild that this one came of.
  ///
  /// Others may be at work: a checkpoint is in the catalog before its manifest is placed, and stays there for its number when it
  /// is dropped.
  func unknownManifest() throws -> FilePath? {
    // Lost, it is made anew by whoever writes a manifest.
    guard try FileSystemCalls.exists(layout.manifests) else { return nil }
    for name in try DirectoryListing.names(in: layout.manifests) {
      guard let id = Int64(String(decoding: name, as: UTF8.self)) else { continue }
      let history = HistoryID(rawValue: id)
      for number in try catalog.unknown(among: numbers(in: history), of: history) {
        let path = layout.manifest(of: history, number)
        if try isNews(path, number, of: history) { return path }
      }
    }
    return nil
  }

  /// Those that have a manifest; none where nobody can list them, as nobody can write one there either.
  private func numbers(in history: HistoryID) throws(FileError) -> [CheckpointNumber] {
    do throws(FileError) {
      return try DirectoryListing.names(in: layout.directory(of: history))
        .compactMap { CheckpointNumber(directoryName: String(decoding: $0, as: UTF8.self)) }
    } catch {
      guard error.concernsFile else { throw error }
      return []
    }
  }

  /// - Parameter path: of a manifest that the catalog has no row for.
  private func isNews(
    _ path: FilePath, _ number: CheckpointNumber, of history: HistoryID
  ) throws -> Bool {
    let ids = try IDFile(layout).ids
    guard case .checkpoint(let manifest) = try ManifestFile(path, of: history, in: id) else {
      // It says nothing. A rebuild keeps its number from being given, if it knows the history.
      if let known = try catalog.history(history) {
        return try number >= catalog.nextNumber(of: known.name)
      }
      return try FileStatus(ifPresent: path) != nil
        && history > ids?.history ?? HistoryID(rawValue: 0)
    }
    // What is not greater was there when a catalog was made anew.
    guard let last = ids?.checkpoint, manifest.checkpoint.id <= last else { return true }
    // And this one came of that if it has given what is not less, or if that rebuild never came to its end.
    return try catalog.lastBegun() < last && !FileSystemCalls.exists(layout.rebuiltCatalog)
  }
}
