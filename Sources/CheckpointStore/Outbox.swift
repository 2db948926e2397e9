// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import Synchronization
import SystemPackage

/// Carries decided changes over to the files beside the catalog: manifests and tags (promise P8).
///
/// A transaction that changes what a rebuild must know leaves an item; whoever replays holds a lock,
/// so that items of all processes are done in the order of their transactions. Files are
/// written from what the catalog says now, hence replaying again does no harm.
final class Outbox: Sendable {
  private let store: StoreID
  private let layout: StoreLayout
  private let catalog: any Catalog
  private let knowledge: ManifestKnowledge

  init(
    store: StoreID, layout: StoreLayout, catalog: any Catalog, _ knowledge: ManifestKnowledge
  ) {
    self.store = store
    self.layout = layout
    self.catalog = catalog
    self.knowledge = knowledge
  }

  /// Does everything that transactions before this call have decided. Durable on return. Nothing of an older catalog that was put
  /// back, which was done once, and would undo what came after it.
  func replay() throws(StoreError) {
    try translating {
      guard try !catalog.outbox().isEmpty else { return }
      _ = try FileLock.withExclusive(layout.outboxLock) { try performAll() }
    }
  }

  /// Calls `body` when the files are as the catalog has them, as far as they are sound, and while nobody else writes one.
  ///
  /// - Parameter body: called again when something was decided during it.
  func settled<Result>(_ body: () throws -> Result) throws -> Result {
    try FileLock.withExclusive(layout.outboxLock) {
      while true {
        let isDone = try performAll()
        let result = try body()
        if try !isDone || catalog.outbox().isEmpty { return result }
      }
    }
  }

  /// - Returns: `false` when nothing is to be done of this catalog.
  @discardableResult
  private func performAll() throws -> Bool {
    let items = try catalog.outbox()
    if items.isEmpty { return true }
    guard try knowledge.lack() == nil else { return false }
    for item in items {
      try Steps.perform(.replayOutbox) { try perform(item.action) }
    }
    try catalog.finish(items)
    return true
  }

  /// Removes what a crash left on its way into the manifests.
  func removeLeftovers() throws(StoreError) {
    try translating {
      // Lost, it holds nothing, and is made anew by whoever writes a manifest.
      guard try FileSystemCalls.exists(layout.pending),
        try !DirectoryListing.names(in: layout.pending).isEmpty
      else { return }
      try FileLock.withExclusive(layout.outboxLock) {
        for name in try DirectoryListing.names(in: layout.pending) {
          try FileSystemCalls.unlinkIfPresent(
            layout.pending.appending(String(decoding: name, as: UTF8.self)))
        }
      }
    }
  }

  private func perform(_ action: OutboxItem.Action) throws {
    switch action {
    case .placeManifest(_, _, let checkpoint):
      try placeManifest(of: CheckpointID(rawValue: checkpoint))
    case .removeManifest(let history, let number, _):
      guard let number = CheckpointNumber(rawValue: number) else { return }
      try remove(layout.manifest(of: HistoryID(rawValue: history), number))
    case .writeHistory(let id):
      guard let history = try catalog.history(HistoryID(rawValue: id)) else { return }
      let manifest = HistoryManifest(store: store, id: history.id, name: history.name)
      try write(manifest.encoded, to: layout.name(of: history.id))
    case .removeHistory(let id):
      guard try catalog.history(HistoryID(rawValue: id)) == nil else { return }
      try remove(layout.name(of: HistoryID(rawValue: id)))
    case .writeTag(let id):
      guard let tag = try catalog.tag(TagID(rawValue: id)) else { return }
      try write(
        TagManifest(store: store, tag: tag).encoded, to: layout.tag(tag.name, of: tag.history))
    case .removeTag(let history, let name):
      try remove(layout.tag(TagName(name), of: HistoryID(rawValue: history)))
    }
  }

  private func placeManifest(of id: CheckpointID) throws {
    // Dropped meanwhile: the item that removes its manifest follows.
    guard let checkpoint = try catalog.checkpoint(id) else { return }
    try write(
      manifest(of: checkpoint).encoded,
      to: layout.manifest(of: checkpoint.history, checkpoint.number))
  }

  /// What the manifest of a completed checkpoint must say.
  func manifest(of checkpoint: CheckpointRecord) throws -> Manifest {
    Manifest(
      store: store, checkpoint: checkpoint,
      pages: try catalog.pageRecords(of: checkpoint.id).map(\.blob.name.digest))
  }

  /// Puts a manifest or tag where it belongs, in ``settled(_:)`` only. Durable on return.
  func write(_ content: [UInt8], to path: FilePath) throws {
    let directory = path.removingLastComponent()
    // All of them may be lost, as a file system's own check may leave a store.
    if try FileSystemCalls.makeDirectoryIfAbsent(layout.manifests, permissions: 0o700) {
      try sync(layout.root)
    }
    let isNew = try FileSystemCalls.makeDirectoryIfAbsent(directory, permissions: 0o700)
    // The history's name comes first, and again if a crash came before the directory was durable.
    if isNew || path.lastComponent == "history" { try sync(layout.manifests) }
    guard let name = path.lastComponent, let history = directory.lastComponent else {
      preconditionFailure("a manifest has a name in a history's directory")
    }
    let staged = layout.pending.appending("\(history)-\(name)")
    try stage(content, at: staged)
    try Steps.perform(.placeManifest) { try FileSystemCalls.rename(staged, to: path) }
    try sync(directory)
  }

  private func stage(_ content: [UInt8], at path: FilePath) throws {
    try layout.makePending()
    try FileSystemCalls.write(path, options: [.create, .truncate]) { file in
      try Steps.perform(.writeManifest) { try file.write(all: content[...], path: path) }
      try Steps.perform(.syncManifest) { try file.sync(path) }
    }
  }

  private func remove(_ path: FilePath) throws(FileError) {
    try Steps.perform(.removeManifest) { () throws(FileError) in
      try FileSystemCalls.unlinkIfPresent(path)
    }
    let directory = path.removingLastComponent()
    // A history whose first manifest was never placed has none.
    if try FileSystemCalls.exists(directory) { try sync(directory) }
  }

  private func sync(_ directory: FilePath) throws(FileError) {
    try Steps.perform(.syncManifestDirectory) { () throws(FileError) in
      try FileSystemCalls.syncDirectory(directory)
    }
  }
}
