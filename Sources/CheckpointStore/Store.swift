// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Catalog
public import Checkpoints
import DurabilitySteps
import LinuxFiles
public import SystemPackage

/// A directory that keeps histories of checkpoints, each distinct file once.
///
/// Any number of processes and threads may use one store at the same time. What a method has done is
/// durable when it returns; after a crash at any moment the store opens at once.
public final class Store: Sendable {
  public let path: FilePath
  let id: StoreID
  let layout: StoreLayout
  package let catalog: any Catalog
  package let blobs: any BlobStore
  let outbox: Outbox
  /// Of blobs that were opened: a record stays right for as long as its file is there.
  let openedBlobs = BoundedCache<Digest, BlobRecord>(capacity: 4096)
  let knowledge: ManifestKnowledge
  /// Keeps the catalog from being replaced beneath this process; who only reads does without.
  private let use: StoreUse?

  /// Opens a store and completes what a crash left half done.
  ///
  /// - Parameter freeing: to drop or to collect, which must work on a full disk, too: then the store's reserve is
  ///   spent on it. ``collectGarbage()`` takes it again.
  /// - Throws: code `notAStore` when the directory is none; `unsupported` when it is of an unknown format; `busy` while
  ///   its catalog is being rebuilt; `damaged` when its marker or catalog is missing or broken.
  public convenience init(at path: FilePath, freeing: Bool = false) throws(StoreError) {
    let layout = StoreLayout(root: path)
    let marker = try layout.readMarker()
    try Self.checkFileSystem(of: path)
    if freeing { try translating { try StoreReserve(layout).spendIfNeeded() } }
    let use = try StoreUse.take(.shared, layout)
    try self.init(layout, marker, .readWrite, use)
    try Steps.perform(.recover) { () throws(StoreError) in try outbox.replay() }
  }

  /// Opens a store only to read it, for as long as one likes: its catalog may be rebuilt meanwhile, after which this
  /// goes on to tell what the old one said.
  ///
  /// - Parameter recovering: whether to complete what a crash left half done, as `init(at:freeing:)` does. Not while
  ///   somebody may be putting a catalog back: a connection that can write takes away the log that lies beside its name.
  /// - Throws: as `init(at:freeing:)`.
  static func reader(at path: FilePath, recovering: Bool) throws(StoreError) -> Store {
    let layout = StoreLayout(root: path)
    let marker = try layout.readMarker()
    let use = try StoreUse.take(.shared, layout)
    defer { withExtendedLifetime(use) {} }
    do throws(StoreError) {
      if recovering { _ = try Store(at: path) }
    } catch {
      // What a crash left half done waits on a full disk: nothing of it is needed for reading.
      guard error.code == .io, (try? StoreReserve(layout).isNeeded()) == true else {
        throw error
      }
    }
    return try Store(layout, marker, .readOnly, nil)
  }

  private init(
    _ layout: StoreLayout, _ marker: StoreMarker, _ access: SQLiteCatalog.Access, _ use: StoreUse?
  ) throws(StoreError) {
    self.layout = layout
    self.use = use
    path = layout.root
    id = marker.store
    let blobs = LocalBlobStore(at: layout.root)
    self.blobs = blobs
    let catalog = try Self.openCatalog(layout, access)
    self.catalog = catalog
    knowledge = ManifestKnowledge(catalog, of: marker.store, layout)
    outbox = Outbox(store: marker.store, layout: layout, catalog: catalog, knowledge)
    guard catalog.store == marker.store else {
      throw StoreError(
        .damaged,
        "the catalog '\(layout.catalog)' belongs to another store; put the right one back, or "
          + "run 'ckptfs fsck --rebuild-catalog'")
    }
  }

  private static func openCatalog(
    _ layout: StoreLayout, _ access: SQLiteCatalog.Access
  ) throws(StoreError) -> any Catalog {
    try translating {
      // SQLite would make an empty one.
      guard try FileSystemCalls.exists(layout.catalog) else {
        throw StoreError(
          .damaged,
          "the catalog '\(layout.catalog)' is missing; 'ckptfs fsck --rebuild-catalog' makes it anew "
            + "from the manifests")
      }
      let catalog = try openCatalogAnywhere(layout, access)
      if access == .readWrite {
        // SQLite does so for the log that it made, but does not listen whether it worked.
        try Steps.perform(.syncCatalogDirectory) { try FileSystemCalls.syncDirectory(layout.root) }
      }
      return catalog
    }
  }

  private static func openCatalogAnywhere(
    _ layout: StoreLayout, _ access: SQLiteCatalog.Access
  ) throws -> any Catalog {
    do throws(CatalogError) {
      return try SQLiteCatalog(at: layout.catalog, access: access, mark: layout.changeMark)
    } catch {
      // Whether the disk is full may not be told either: the first failure is the one to tell.
      guard (try? StoreReserve(layout).isNeeded()) == true else { throw error }
      return try openOnFullDisk(layout, access, after: error)
    }
  }

  private static func openOnFullDisk(
    _ layout: StoreLayout, _ access: SQLiteCatalog.Access, after failure: CatalogError
  ) throws(StoreError) -> any Catalog {
    // The first failure is the one to tell.
    if (try? StoreReserve(layout).lend()) == true,
      let catalog = try? SQLiteCatalog(
        at: layout.catalog, access: access, mark: layout.changeMark)
    {
      return catalog
    }
    let remedy =
      (try? StoreReserve(layout).isThere()) == true
      ? "'ckptfs drop' and 'ckptfs gc' make some, for which the store keeps a reserve"
      : "the store's reserve is used up, so remove 1 MiB of something else first; then 'ckptfs drop' "
        + "and 'ckptfs gc' make more"
    // SQLite's own words for it are "disk I/O error" and "unable to open database file".
    throw StoreError(
      .io,
      "the disk of '\(layout.root)' has no space left, not even to open the catalog; \(remedy)",
      cause: failure)
  }

  /// SQLite's log and our locks need a file system that keeps both coherent.
  static func checkFileSystem(of path: FilePath) throws(StoreError) {
    let status = try translating { try FileSystemStatus(at: path) }
    if let kind = status.unreliableKind {
      throw StoreError(
        .refused,
        "'\(path)' lies on \(kind), whose locks cannot be relied on; put the store on a local "
          + "file system")
    }
  }

  // MARK: Finding things

  public func history(named name: HistoryName) throws(StoreError) -> HistoryRecord {
    guard let history = try translating({ try catalog.history(named: name) }) else {
      if let pending = try pendingShards().first(where: { $0.reference.history == name }) {
        throw StoreError(
          .noSuchHistory,
          "\(name) has no checkpoint yet: \(pending.reference) is \(pending.summary)")
      }
      throw StoreError(
        .noSuchHistory, "there is no history '\(name)' in '\(path)'; 'ckptfs ls' lists them")
    }
    return history
  }

  public func checkpoint(
    _ selector: CheckpointSelector
  ) throws(StoreError) -> CheckpointRecord {
    let history: HistoryRecord
    do throws(StoreError) {
      history = try self.history(named: selector.history)
    } catch {
      throw try pendingError(selector) ?? error
    }
    let found: CheckpointRecord? = try translating {
      switch selector.point {
      case .number(let number): return try catalog.checkpoint(number, of: history.id)
      case .latest: return try catalog.latestCheckpoint(of: history.id)
      case .tag(let name):
        guard let tag = try catalog.tag(named: name, of: history.id) else {
          throw StoreError(.noSuchTag, "there is no tag '\(selector)'")
        }
        return try catalog.checkpoint(tag.checkpoint)
      case .time(let name):
        guard let number = TimeName(name)?.number,
          let checkpoint = try catalog.checkpoint(number, of: history.id),
          TimeName(completed: checkpoint.completed, number: number).description == name
        else { return nil }
        return checkpoint
      }
    }
    guard let found else {
      throw try pendingError(selector)
        ?? StoreError(
          .noSuchCheckpoint,
          "there is no checkpoint \(selector); 'ckptfs ls \(selector.history)' lists them")
    }
    return found
  }
}
