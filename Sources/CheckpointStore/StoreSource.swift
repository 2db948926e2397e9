// SPDX-License-Identifier: Apache-2.0

import Catalog
public import Checkpoints
import LinuxFiles
import Synchronization
public import SystemPackage

/// A store as something that a mount can show.
///
/// It hinders nobody: the catalog may be replaced, or break, while it is shown. Then nothing can be told until
/// there is a sound one again, which is found by ``watch()``.
public final class StoreSource: Source {
  private struct EntryPlace: Hashable {
    let checkpoint: CheckpointID
    let path: EntryPath
  }

  private let path: FilePath
  private let id: StoreID
  private let shown: Mutex<ShownStore>
  /// Entries that were asked for, and their neighbours.
  private let known = KnownUntilChange<EntryPlace, EntryRecord>(capacity: 16_384, isWatched: false)

  /// - Throws: as `Store.init(at:freeing:)`.
  public init(at path: FilePath) throws(StoreError) {
    self.path = path
    // What is no store at all is told of in the words that every command has for it.
    id = try StoreLayout(root: path).readMarker().store
    shown = Mutex(try ShownStore(path, id, recovering: true))
  }

  public var name: String { path.string }

  public func histories(
    after id: HistoryID?, limit: Int
  ) throws(SourceError) -> [HistoryRecord] {
    try reading { (store) throws(CatalogError) in
      try store.catalog.histories(after: id, limit: limit)
    }
  }

  public func history(named name: HistoryName) throws(SourceError) -> HistoryRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.history(named: name) }
  }

  public func history(_ id: HistoryID) throws(SourceError) -> HistoryRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.history(id) }
  }

  public func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(SourceError) -> [CheckpointRecord] {
    try reading { (store) throws(CatalogError) in
      try store.catalog.checkpoints(of: history, after: number, limit: limit)
    }
  }

  public func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.checkpoint(number, of: history)
    }
  }

  public func checkpoint(_ id: CheckpointID) throws(SourceError) -> CheckpointRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.checkpoint(id) }
  }

  public func latestCheckpoint(
    of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.latestCheckpoint(of: history) }
  }

  public func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(SourceError) -> [TagRecord] {
    try reading { (store) throws(CatalogError) in
      try store.catalog.tags(of: history, after: id, limit: limit)
    }
  }

  public func tag(
    named name: TagName, of history: HistoryID
  ) throws(SourceError) -> TagRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.tag(named: name, of: history) }
  }

  public func tag(_ id: TagID) throws(SourceError) -> TagRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.tag(id) }
  }

  public func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(SourceError) -> [EntryRecord] {
    try reading { (store) throws(CatalogError) in
      try store.catalog.entries(of: checkpoint, in: directory, from: ordinal, limit: limit)
    }
  }

  public func entry(
    at path: EntryPath, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try known.value(for: EntryPlace(checkpoint: checkpoint, path: path)) {
      () throws(SourceError) in
      let found = try reading { (store) throws(CatalogError) in
        try store.catalog.entries(near: path, of: checkpoint)
      }
      return found.map { (EntryPlace(checkpoint: checkpoint, path: $0.entry.path), $0) }
    }
  }

  public func entry(
    _ ordinal: Int, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try reading { (store) throws(CatalogError) in try store.catalog.entry(ordinal, of: checkpoint) }
  }

  public func sharedFile(_ inode: SharedInode) throws(SourceError) -> SharedFileRecord? {
    try reading { (store) throws(CatalogError) in
      guard let blob = try store.catalog.blob(inode) else { return nil }
      let references = try store.catalog.references(to: blob.name.digest)
      guard references > 0 else { return nil }
      return SharedFileRecord(content: blob.content, owner: blob.owner, references: references)
    }
  }

  public func open(_ digest: Digest) throws(SourceError) -> OpenFile? {
    let store = try store()
    do {
      return try store.open(digest)
    } catch {
      if error.cause is CatalogError { throw unavailable(error.message, error) }
      // A file that cannot be opened says nothing of the catalog.
      throw SourceError(
        error.code == .damaged ? .damaged : .unavailable, error.message, damage: error.damage,
        cause: error)
    }
  }

  public func sampleFile() throws(SourceError) -> OpenFile? {
    let marker = StoreLayout(root: path).marker
    do throws(FileError) {
      let file = try FileSystemCalls.open(marker, .readOnly)
      return OpenFile(owningWhole: file, length: 0)
    } catch {
      throw SourceError(.unavailable, error.description, cause: error)
    }
  }

  public func capacity() throws(SourceError) -> Capacity {
    do throws(FileError) {
      let status = try FileSystemStatus(at: path)
      return Capacity(
        blockSize: status.blockSize, blocks: status.blocks, freeBlocks: status.freeBlocks,
        availableBlocks: status.availableBlocks, files: status.files,
        freeFiles: status.freeFiles)
    } catch {
      throw SourceError(.unavailable, error.description, cause: error)
    }
  }

  public func statistics() throws(SourceError) -> StoreStatistics? {
    let store = try store()
    do {
      return try store.catalog.statistics(with: store.blobs)
    } catch let error as CatalogError {
      throw unavailable(error.message, error)
    } catch {
      // A directory that cannot be listed says nothing of the catalog.
      throw SourceError(.unavailable, "\(error)", cause: error)
    }
  }

  public func readingAge() throws(SourceError) -> ReadingAge? {
    let now = Timestamp(nanoseconds: WallClock.now())
    return try reading { (store) throws(CatalogError) in try store.catalog.readingAge(now: now) }
  }

  public func watch() throws(SourceError) -> (any SourceWatch)? {
    do {
      return try StoreWatch(self, StoreLayout(root: path))
    } catch {
      throw SourceError(.unavailable, "cannot watch the catalog: \(error)", cause: error)
    }
  }

  /// Opens the store again if its catalog is another than before, or was found broken.
  ///
  /// - Returns: what tells of changes from now on, if so.
  func refresh() throws -> (any CatalogMeter)? {
    if try shown.withLock({ try $0.isCurrent() }) { return nil }
    do {
      let new = try ShownStore(path, id, recovering: false)
      let meter = try new.store().catalog.makeMeter()
      _ = try meter.hasChanged()
      shown.withLock { $0 = new }
      return meter
    } catch {
      let error = Self.loss(of: path, error)
      shown.withLock { $0.lose("\(error)") }
      throw error
    }
  }

  /// Where a store was, nobody is to make a new one, which would be shown empty and well.
  private static func loss(of path: FilePath, _ error: any Error) -> any Error {
    guard let cause = error as? StoreError, cause.code == .notAStore else { return error }
    return StoreError(
      .notAStore,
      "the store that was mounted is not at '\(path)'; it is shown again when it is back there",
      cause: cause)
  }

  /// - Parameter isWatched: whether changes from now on will be told of by another call.
  func forget(isWatched: Bool) {
    known.forget(isWatched: isWatched)
    // Of a store that is lost nothing is remembered.
    try? store().openedBlobs.removeAll()
  }

  func makeMeter() throws -> any CatalogMeter { try store().catalog.makeMeter() }

  private func store() throws(SourceError) -> Store {
    try shown.withLock { (shown) throws(SourceError) in try shown.store() }
  }

  private func reading<Value>(
    _ body: (Store) throws(CatalogError) -> Value
  ) throws(SourceError) -> Value {
    let store = try store()
    do {
      return try body(store)
    } catch {
      throw unavailable(error.message, error)
    }
  }

  private func unavailable(_ message: String, _ cause: any Error) -> SourceError {
    shown.withLock { $0.isSuspect = true }
    return SourceError(.unavailable, message, cause: cause)
  }
}
