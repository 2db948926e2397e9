// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

/// Whether a catalog is the newest of its store: it has counted all changes, and knows of all that lies among the manifests.
///
/// An older one that was put back is not. What it gives, be it a number, an id or a name of a file, may be another
/// checkpoint's already, what it takes for needless may be needed, and what it had still to do was done.
final class ManifestKnowledge: Sendable {
  private let store: StoreID
  private let layout: StoreLayout
  private let catalog: any Catalog
  /// It was looked at: a catalog that is in use is not replaced.
  enum Lack {
    /// The last changes.
    case changes
    /// What a manifest tells of that was not written of this catalog, as where a store was copied while it was in use, or lost the
    /// count of changes with its power.
    case manifest(FilePath)
  }

  private let isComplete = Atomic(false)

  init(_ catalog: any Catalog, of store: StoreID, _ layout: StoreLayout) {
    self.catalog = catalog
    self.store = store
    self.layout = layout
  }

  /// - Returns: `nil` of the newest catalog.
  func lack() throws -> Lack? {
    if isComplete.load(ordering: .relaxed) { return nil }
    if try lacksChanges() { return .changes }
    if let path = try unknown() { return .manifest(path) }
    isComplete.store(true, ordering: .relaxed)
    return nil
  }

  /// Whether it has counted less than was told of, or is one of before it was made anew.
  func lacksChanges() throws -> Bool {
    let rebuilt = try IDFile(layout).ids
    if let rebuilt, try !catalog.lastIDs().follow(rebuilt) { return true }
    // Again, as what is read while it is written may be of both, the old and the new.
    return try hasCountedLess() && hasCountedLess()
  }

  private func hasCountedLess() throws -> Bool {
    // First: whoever changes the catalog counts that before it tells of it.
    let told = try layout.changeMark.changes() ?? 0
    return try catalog.changes() < told
  }

  /// The manifest of a checkpoint or tag that was not written of this catalog, nor left out by the rebuild that this one came of.
  ///
  /// Others may be at work: what has a manifest is in the catalog before that is placed; a checkpoint stays there for its number
  /// when it is dropped, and a tag has given its id.
  private func unknown() throws -> FilePath? {
    for history in try histories() {
      if let unknown = try unknown(in: history) { return unknown }
    }
    return nil
  }

  /// The manifest, or a tag, of a checkpoint that the rebuild left out which the newest catalog came of: what it needs is not known to
  /// that.
  ///
  /// Only where nothing is half done: what is dropped, or taken off, has its file for a moment more.
  func leftOut() throws -> FilePath? {
    for history in try histories() {
      let names = try names(in: history)
      let numbers = names.compactMap { CheckpointNumber(directoryName: $0) }
      if let number = try catalog.unknown(among: numbers, of: history).first {
        return layout.manifest(of: history, number)
      }
      if let tag = try unknownTags(among: names, of: history).first {
        return layout.tag(tag, of: history)
      }
    }
    return nil
  }

  /// Those of which there is a directory.
  private func histories() throws -> [HistoryID] {
    // Lost, they are made anew by whoever writes one.
    guard try FileSystemCalls.exists(layout.manifests) else { return [] }
    return try DirectoryListing.names(in: layout.manifests).compactMap { name in
      guard let history = StoreLayout.history(ofDirectory: name) else { return nil }
      let kind = try FileStatus(ifPresent: layout.directory(of: history))?.kind
      return kind == .directory ? history : nil
    }
  }

  private func unknown(in history: HistoryID) throws -> FilePath? {
    let names = try names(in: history)
    let numbers = names.compactMap { CheckpointNumber(directoryName: $0) }
    for number in try catalog.unknown(among: numbers, of: history) {
      let path = layout.manifest(of: history, number)
      if try isNews(path, number, of: history) { return path }
    }
    for tag in try unknownTags(among: names, of: history) {
      let path = layout.tag(tag, of: history)
      if case .tag(let manifest) = try ManifestFile(path, of: history, in: store),
        try isNews(manifest.tag.id, \.tag, isKept: false)
      {
        return path
      }
    }
    return nil
  }

  private func unknownTags(among names: [String], of history: HistoryID) throws -> [TagName] {
    try names.lazy.filter { $0.hasPrefix("tag-") }
      .compactMap { try? TagName(String($0.dropFirst(4))) }
      .filter { try catalog.tag(named: $0, of: history) == nil }
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
    // What is not greater was there when a catalog was made anew, and this is one that came of that.
    if let last = try IDFile(layout).ids?[keyPath: kind], id <= last { return false }
    return try isKept || id > catalog.lastIDs()[keyPath: kind]
  }
}

extension RebuiltIDs {
  /// Whether a catalog that has given these came of the rebuild after which others began.
  fileprivate func follow(_ first: RebuiltIDs) -> Bool {
    history >= first.history && tag >= first.tag && checkpoint >= first.checkpoint
      && content >= first.content
  }
}
