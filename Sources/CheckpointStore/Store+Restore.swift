// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import DurabilitySteps
import LinuxFiles
public import SystemPackage

extension Store {
  /// Writes a checkpoint out as a directory. Durable on return.
  ///
  /// It is made under another name beside `destination` and renamed when it is complete, so nobody sees
  /// half of it. What it reads is kept from collection meanwhile, also if the checkpoint is dropped. What
  /// a killed one left beside its destination is removed by the next one, and by ``collectGarbage()``.
  ///
  /// - Parameter destination: absent, or an empty directory; not in the store.
  /// - Throws: code `exists` when the destination holds something, `damaged` when a content is not what was recorded.
  public func restore(
    _ checkpoint: CheckpointRecord, to destination: FilePath, mode: RestoreMode = .auto,
    progress: ProgressHandler? = nil
  ) throws(StoreError) -> RestoreReport {
    do {
      try checkFree(destination)
      try checkOutside(destination)
      // "." has no name beside which a directory could be made.
      let destination =
        try FileSystemCalls.exists(destination)
        ? FileSystemCalls.resolve(destination) : destination
      return try withLease(of: checkpoint) { owner in
        let place = try RestorePlace(destination, owner: owner.token)
        try owner.note(place.staged.path)
        return try Restore(store: self, checkpoint: checkpoint, mode: mode, place: place)
          .run(progress)
      }
    } catch {
      throw StoreError(error)
    }
  }

  /// What lies in the store is the store's: gc would remove it, or a check take it for damage.
  private func checkOutside(_ destination: FilePath) throws {
    let isThere = try FileSystemCalls.exists(destination)
    // An absent one lies where its parent is.
    let nearest = isThere ? destination : destination.parentDirectory
    guard try FileSystemCalls.exists(nearest) else {
      throw StoreError(
        .refused,
        "cannot restore to '\(destination)': there is no directory '\(nearest)'; make it first, or name another destination"
      )
    }
    if try FileSystemCalls.resolve(nearest).starts(with: FileSystemCalls.resolve(path)) {
      throw StoreError(
        .refused,
        "'\(destination)' lies in the store '\(path)'; choose a destination outside of it")
    }
  }

  private func checkFree(_ destination: FilePath) throws {
    guard try FileSystemCalls.exists(destination) else { return }
    guard try FileStatus(at: destination).kind == .directory else {
      throw StoreError(
        .exists,
        "'\(destination)' is there and is no directory; choose a destination that is absent")
    }
    guard try DirectoryListing.names(in: destination).isEmpty else {
      throw StoreError(
        .exists, "'\(destination)' is not empty; choose a destination that is absent or empty")
    }
  }
}

/// One run of writing a checkpoint out.
private struct Restore {
  let store: Store
  let checkpoint: CheckpointRecord
  let mode: RestoreMode
  let place: RestorePlace

  func run(_ progress: ProgressHandler?) throws -> RestoreReport {
    do {
      let staging = try place.makeStaged()
      let report = try write(to: staging, progress)
      try Steps.perform(.placeRestored) { try place.put(staging) }
      try sync(place.parent)
      return report
    } catch {
      // What cannot be removed now is by whoever collects next; why it failed says more.
      try? place.removeStaged()
      throw error
    }
  }

  private func write(
    to staging: OpenDirectory, _ progress: ProgressHandler?
  ) throws -> RestoreReport {
    let entries = try store.catalog.pages(of: checkpoint.id).flatMap(\.entries)
    let files = entries.compactMap { entry in
      entry.content.map { (entry: entry, content: $0) }
    }
    let bytes = files.lazy.map { Int64(clamping: $0.content.size) }.sum()
    // Sorted, a directory comes before what it holds.
    let directories = entries.filter { $0.content == nil }.map { staging.appending($0.path.bytes) }
      .sorted { $0.path.bytes.lexicographicallyPrecedes($1.path.bytes) }
    for directory in directories { try directory.makeDirectory(permissions: 0o755) }
    let counter = ByteCounter(total: bytes, handler: progress)
    _ = try concurrently(files, width: 4) { file in
      try write(file.entry, file.content, to: staging.appending(file.entry.path.bytes), counter)
    }
    for directory in directories.reversed() { try sync(OpenDirectory(directory)) }
    try sync(staging)
    return RestoreReport(files: Int64(files.count), bytes: bytes)
  }

  private func write(
    _ entry: Entry, _ content: Content, to target: FileLocation, _ counter: ByteCounter
  ) throws {
    guard let blob = try store.catalog.blob(content.digest) else {
      throw StoreError(
        .damaged,
        "'\(entry.path)' of the checkpoint has lost its content \(content.digest); run 'ckptfs fsck'"
      )
    }
    if let flaw = try store.flaw(of: blob) {
      throw StoreError(.damaged, "'\(entry.path)': \(try store.message(flaw, blob))")
    }
    if mode == .link, entry.isShared {
      guard try store.blobs.link(blob.name, as: target) else {
        throw StoreError(
          .refused,
          "cannot hard-link to '\(place.destination.path)': it lies on another file system than the "
            + "store; use --mode auto")
      }
      return
    }
    try store.blobs.export(
      blob.name, to: target, mode: mode.exportMode, modified: content.modified,
      owner: checkpoint.owner, progress: counter.add)
  }

  private func sync(_ directory: OpenDirectory) throws(FileError) {
    try Steps.perform(.syncRestoredDirectory) { () throws(FileError) in try directory.sync() }
  }
}

extension FilePath {
  var parentDirectory: FilePath { removingLastComponent().orCurrent }
}
