// SPDX-License-Identifier: Apache-2.0

import Catalog
public import Checkpoints
import LinuxFiles
import SystemPackage

/// A store as something that a mount can show.
public struct StoreSource: Source {
  private let store: Store

  public init(_ store: Store) {
    self.store = store
  }

  public var name: String { store.path.string }

  public func histories(
    after id: HistoryID?, limit: Int
  ) throws(SourceError) -> [HistoryRecord] {
    try reading { () throws(CatalogError) in try store.catalog.histories(after: id, limit: limit) }
  }

  public func history(named name: HistoryName) throws(SourceError) -> HistoryRecord? {
    try reading { () throws(CatalogError) in try store.catalog.history(named: name) }
  }

  public func history(_ id: HistoryID) throws(SourceError) -> HistoryRecord? {
    try reading { () throws(CatalogError) in try store.catalog.history(id) }
  }

  public func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(SourceError) -> [CheckpointRecord] {
    try reading { () throws(CatalogError) in
      try store.catalog.checkpoints(of: history, after: number, limit: limit)
    }
  }

  public func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord? {
    try reading { () throws(CatalogError) in try store.catalog.checkpoint(number, of: history) }
  }

  public func checkpoint(_ id: CheckpointID) throws(SourceError) -> CheckpointRecord? {
    try reading { () throws(CatalogError) in try store.catalog.checkpoint(id) }
  }

  public func latestCheckpoint(
    of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord? {
    try reading { () throws(CatalogError) in try store.catalog.latestCheckpoint(of: history) }
  }

  public func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(SourceError) -> [TagRecord] {
    try reading { () throws(CatalogError) in
      try store.catalog.tags(of: history, after: id, limit: limit)
    }
  }

  public func tag(
    named name: TagName, of history: HistoryID
  ) throws(SourceError) -> TagRecord? {
    try reading { () throws(CatalogError) in try store.catalog.tag(named: name, of: history) }
  }

  public func tag(_ id: TagID) throws(SourceError) -> TagRecord? {
    try reading { () throws(CatalogError) in try store.catalog.tag(id) }
  }

  public func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(SourceError) -> [EntryRecord] {
    try reading { () throws(CatalogError) in
      try store.catalog.entries(of: checkpoint, in: directory, from: ordinal, limit: limit)
    }
  }

  public func entry(
    at path: EntryPath, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try reading { () throws(CatalogError) in try store.catalog.entry(at: path, of: checkpoint) }
  }

  public func entry(
    _ ordinal: Int, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try reading { () throws(CatalogError) in try store.catalog.entry(ordinal, of: checkpoint) }
  }

  public func sharedFile(_ inode: SharedInode) throws(SourceError) -> SharedFileRecord? {
    try reading { () throws(CatalogError) in
      guard let blob = try store.catalog.blob(inode) else { return nil }
      let references = try store.catalog.references(to: blob.name.digest)
      guard references > 0 else { return nil }
      return SharedFileRecord(content: blob.content, owner: blob.owner, references: references)
    }
  }

  public func open(_ digest: Digest) throws(SourceError) -> OpenFile? {
    do {
      return try store.open(digest)
    } catch {
      let code: SourceError.Code = error.code == .damaged ? .damaged : .unavailable
      throw SourceError(code, error.message, damage: error.damage, cause: error)
    }
  }

  public func capacity() throws(SourceError) -> Capacity {
    do throws(FileError) {
      let status = try FileSystemStatus(at: store.path)
      return Capacity(
        blockSize: status.blockSize, blocks: status.blocks, freeBlocks: status.freeBlocks,
        availableBlocks: status.availableBlocks, files: status.files,
        freeFiles: status.freeFiles)
    } catch {
      throw SourceError(.unavailable, error.description, cause: error)
    }
  }

  public func statistics() throws(SourceError) -> StoreStatistics? {
    try reading { () throws(CatalogError) in try store.catalog.statistics() }
  }

  public func watch() throws(SourceError) -> (any SourceWatch)? {
    do {
      return try StoreWatch(store)
    } catch {
      throw SourceError(.unavailable, "cannot watch the catalog: \(error)", cause: error)
    }
  }

  private func reading<Value>(
    _ body: () throws(CatalogError) -> Value
  ) throws(SourceError) -> Value {
    do {
      return try body()
    } catch {
      throw SourceError(.unavailable, error.message, cause: error)
    }
  }
}
