// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// The store that a mount shows, and which file its catalog was when it was opened.
struct ShownStore {
  private enum State {
    case open(Store)
    /// Why nothing can be told now.
    case lost(String)
  }

  /// Which files a catalog and its log are, for as long as they have these names.
  private struct CatalogIdentity: Equatable {
    let catalog: FileIdentity?
    let log: FileIdentity?
  }

  private struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64
  }

  private let catalog: FilePath
  private let log: FilePath
  private let identity: CatalogIdentity
  private var state: State
  /// Something could not be read from it: it is opened anew before it is relied on again.
  var isSuspect = false

  /// - Throws: as ``Store/reader(at:recovering:)``, and ``StoreError`` with code `notAStore` when it is another than `id`.
  init(_ path: FilePath, _ id: StoreID, recovering: Bool) throws(StoreError) {
    let catalog = StoreLayout(root: path).catalog
    let log = FilePath(catalog.string + "-wal")
    (self.catalog, self.log) = (catalog, log)
    // Before it is opened: one that is put in its place meanwhile is seen as another then.
    let before = try translating { try Self.identity(of: catalog) }
    let store = try Store.reader(at: path, recovering: recovering)
    guard store.id == id else {
      throw StoreError(.notAStore, "'\(path)' is another store than the one that was mounted")
    }
    // It stays as long as this process has it open; SQLite may have made it just now.
    let opened = try translating { try Self.identity(of: log) }
    identity = CatalogIdentity(catalog: before, log: opened)
    state = .open(store)
  }

  func store() throws(SourceError) -> Store {
    switch state {
    case .open(let store): return store
    case .lost(let reason): throw SourceError(.unavailable, reason)
    }
  }

  func isCurrent() throws(FileError) -> Bool {
    guard case .open = state, !isSuspect else { return false }
    return try identity
      == CatalogIdentity(catalog: Self.identity(of: catalog), log: Self.identity(of: log))
  }

  mutating func lose(_ reason: String) { state = .lost(reason) }

  private static func identity(of catalog: FilePath) throws(FileError) -> FileIdentity? {
    try FileStatus(ifPresent: catalog).map { FileIdentity(device: $0.device, inode: $0.inode) }
  }
}
