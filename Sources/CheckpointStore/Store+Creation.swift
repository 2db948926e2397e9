// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
public import SystemPackage

/// What `Store.create(at:)` found.
public enum Creation: Sendable {
  case created
  /// There was a store already; nothing was changed.
  case existed
}

extension Store {
  /// Makes a store in `path`: a directory that is absent or empty. Durable on return.
  ///
  /// It is private to the process's user, whatever the umask: so are the directories in `path` where that is there already.
  ///
  /// - Throws: code `refused` when the directory holds something else, or its file system cannot be relied on.
  public static func create(at path: FilePath) throws(StoreError) -> Creation {
    let layout = StoreLayout(root: path)
    return try translating {
      if let kind = try FileStatus(ifPresent: path)?.kind, kind == .regular || kind == .special {
        throw layout.noDirectory
      }
      try checkOutside(path)
      // What is kept may have been readable by its owner only.
      try FileSystemCalls.makeDirectoryIfAbsent(path, permissions: 0o700)
      // With checkpoints and no marker it is a store, too, and refused.
      if try FileSystemCalls.exists(layout.marker) || layout.storeOfManifests != nil {
        _ = try layout.readMarker()
        // Whoever made it may not have come to that.
        try FileSystemCalls.syncDirectory(path)
        return .existed
      }
      try checkFileSystem(of: path)
      try checkFree(layout)
      // Also where the directory was there: a creation that was interrupted may have made it.
      try Steps.perform(.syncStoreDirectory) {
        try FileSystemCalls.syncDirectory(path.removingLastComponent().orCurrent)
      }
      try build(layout)
      return .created
    }
  }

  /// Only what an interrupted creation left may be there.
  private static func checkFree(_ layout: StoreLayout) throws {
    for name in try DirectoryListing.names(in: layout.root) {
      let name = String(decoding: name, as: UTF8.self)
      guard StoreLayout.names.contains(name) || name.hasPrefix("catalog.sqlite") else {
        throw StoreError(
          .refused,
          "'\(layout.root)' is not empty: it holds '\(name)'; choose an empty or new directory")
      }
    }
    guard try layout.changeMark.isOwn() else {
      throw StoreError(
        .refused,
        "'\(layout.changes)' is another program's file; choose an empty or new directory")
    }
  }

  /// What lies in a store is that store's: gc would remove it, or stumble over it.
  private static func checkOutside(_ path: FilePath) throws {
    let parent = path.parentDirectory
    // Without it, making the directory fails and says so.
    guard try FileSystemCalls.exists(parent) else { return }
    var outer = try FileSystemCalls.resolve(parent)
    repeat {
      guard try !FileSystemCalls.exists(StoreLayout(root: outer).marker) else {
        throw StoreError(
          .refused, "'\(path)' lies in the store '\(outer)'; choose a directory outside of it")
      }
    } while outer.removeLastComponent()
  }

  private static func build(_ layout: StoreLayout) throws {
    for directory in [layout.manifests, layout.pending, layout.locks] {
      try FileSystemCalls.makeDirectoryIfAbsent(directory, permissions: 0o700)
    }
    try FileLock.withExclusive(layout.storeLock) {
      // Another may have been faster before the lock was ours.
      if try !FileSystemCalls.exists(layout.marker) { try fill(layout) }
    }
  }

  private static func fill(_ layout: StoreLayout) throws {
    try LocalBlobStore.create(at: layout.root)
    try StoreReserve(layout).refill()
    for suffix in ["", "-wal", "-shm", "-journal"] {
      try FileSystemCalls.unlinkIfPresent(FilePath(layout.catalog.string + suffix))
    }
    var generator = SystemRandomNumberGenerator()
    let store = StoreID(random: &generator)
    layout.changeMark.write(0)
    try Steps.mark(.createCatalog) { try SQLiteCatalog.create(at: layout.catalog, store: store) }
    try Steps.perform(.syncStoreDirectory) { try FileSystemCalls.syncDirectory(layout.root) }
    try layout.write(StoreMarker(store))
  }
}

extension FilePath {
  /// The path, or "." when it is empty: the parent of a relative name.
  var orCurrent: FilePath { isEmpty ? "." : self }
}
