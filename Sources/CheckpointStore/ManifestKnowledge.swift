// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

/// Whether a catalog knows of all that lies among the manifests of its store.
///
/// An older one that was put back does not. What it gives, be it a number, an id or a name of a file, may be another
/// checkpoint's already, what it takes for needless may be needed, and what it had still to do was done.
final class ManifestKnowledge: Sendable {
  private let store: StoreID
  private let layout: StoreLayout
  private let catalog: any Catalog
  /// It was looked at: a catalog that is in use is not replaced.
  private let isComplete = Atomic(false)

  init(_ catalog: any Catalog, of store: StoreID, _ layout: StoreLayout) {
    self.catalog = catalog
    self.store = store
    self.layout = layout
  }

  /// The manifest of a checkpoint or tag that was not written of this catalog, nor left out by the rebuild that this one came of.
  ///
  /// Others may be at work: what has a manifest is in the catalog before that is placed; a checkpoint stays there for its number
  /// when it is dropped, and a tag has given its id.
  func unknown() throws -> FilePath? {
    if isComplete.load(ordering: .relaxed) { return nil }
    // Lost, they are made anew by whoever writes one.
    if try FileSystemCalls.exists(layout.manifests) {
      for name in try DirectoryListing.names(in: layout.manifests) {
        guard let id = Int64(String(decoding: name, as: UTF8.self)) else { continue }
        if let unknown = try unknown(in: HistoryID(rawValue: id)) { return unknown }
      }
    }
    isComplete.store(true, ordering: .relaxed)
    return nil
  }

  private func unknown(in history: HistoryID) throws -> FilePath? {
    let names = try names(in: history)
    let numbers = names.compactMap { CheckpointNumber(directoryName: $0) }
    for number in try catalog.unknown(among: numbers, of: history) {
      let path = layout.manifest(of: history, number)
      if try isNews(path, number, of: history) { return path }
    }
    for name in names where name.hasPrefix("tag-") {
      guard let tag = try? TagName(String(name.dropFirst(4))),
        try catalog.tag(named: tag, of: history) == nil
      else { continue }
      let path = layout.tag(tag, of: history)
      if case .tag(let manifest) = try ManifestFile(path, of: history, in: store),
        try isNews(manifest.tag.id, \.tag, isKept: false)
      {
        return path
      }
    }
    return nil
  }

  /// None where nobody can list them, as nobody can write one there either.
  private func names(in history: HistoryID) throws(FileError) -> [String] {
    do throws(FileError) {
      return try DirectoryListing.names(in: layout.directory(of: history))
        .map { String(decoding: $0, as: UTF8.self) }
    } catch {
      guard error.concernsFile else { throw error }
      return []
    }
  }

  /// - Parameter path: of a manifest that the catalog has no row for.
  private func isNews(
    _ path: FilePath, _ number: CheckpointNumber, of history: HistoryID
  ) throws -> Bool {
    if case .checkpoint(let manifest) = try ManifestFile(path, of: history, in: store) {
      return try isNews(manifest.checkpoint.id, \.checkpoint)
    }
    // It says nothing. A rebuild keeps its number from being given, or its history's id.
    if let wasGiven = try catalog.hasPassed(number, in: history) { return !wasGiven }
    return try FileStatus(ifPresent: path) != nil && isNews(history, \.history)
  }

  /// Whether an id that the catalog does not have was given by another, after this one's time.
  ///
  /// - Parameter isKept: whether the catalog would still have it, had it given it.
  private func isNews<ID: Comparable>(
    _ id: ID, _ kind: KeyPath<RebuiltIDs, ID>, isKept: Bool = true
  ) throws -> Bool {
    let given = try catalog.lastIDs()[keyPath: kind]
    guard let last = try IDFile(layout).ids?[keyPath: kind], id <= last else {
      return isKept || id > given
    }
    // What is not greater was there when a catalog was made anew, and this is one that came of that, if it has given that.
    return given < last
  }
}
