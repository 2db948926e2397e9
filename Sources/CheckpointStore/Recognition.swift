// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles

/// Tells by evidence which files have contents that the store has, without reading them (promise P5).
struct Recognition {
  /// A file as it looked at first.
  struct Item: Sendable {
    let file: SourceFile
    let status: FileStatus
    /// Its inode was hashed before and has changed since: somebody writes to it in place, so a link to it
    /// would change too.
    var isWrittenInPlace = false

    /// - Throws: code `invalid` when it is no regular file, `sourceChanged` when it is not there.
    init(looking file: SourceFile) throws {
      self.file = file
      status = try Self.blamingSource(file) { try FileStatus(at: file.location) }
      guard status.kind == .regular else {
        let kind =
          switch status.kind {
          case .directory: "a directory"
          case .symbolicLink: "a symbolic link"
          default: "a socket, pipe or device"
          }
        throw StoreError(
          .invalid, "'\(file.location)' is \(kind): only regular files can be kept in a checkpoint")
      }
    }

    /// Does `body`; where it fails and the file is gone, that is why.
    static func blamingSource<Result>(
      _ file: SourceFile, _ body: () throws -> Result
    ) throws -> Result {
      do {
        return try body()
      } catch {
        if try !FileSystemCalls.exists(file.location) { throw changed(file) }
        throw error
      }
    }

    static func changed(_ file: SourceFile) -> StoreError {
      StoreError(
        .sourceChanged,
        "'\(file.location)' changed while it was taken in: commit a checkpoint's directory, which "
          + "nobody writes to, not a live database's")
    }
  }

  typealias Found = (item: Item, blob: BlobRecord)

  let store: Store
  /// The contents of the checkpoint to compare with, by path.
  let base: [EntryPath: Content]

  init(store: Store, base: CheckpointRecord?) throws {
    self.store = store
    guard let base else {
      self.base = [:]
      return
    }
    var contents: [EntryPath: Content] = [:]
    for page in try store.catalog.pages(of: base.id) {
      for entry in page.entries { contents[entry.path] = entry.content }
    }
    self.base = contents
  }

  /// Divides files into those that were hashed before and those that must be read.
  func recognise(_ items: [Item]) throws -> (found: [Found], unknown: [Item]) {
    var found: [Found] = []
    var unknown: [Item] = []
    var withoutEvidence: [Item] = []
    let evidence = items.map { Evidence($0.status, hashStarted: nil) }
    var knowledge = try store.catalog.knowledge(of: evidence.compactMap(\.self)).makeIterator()
    for (item, evidence) in zip(items, evidence) {
      let known = evidence == nil ? .unknown : knowledge.next() ?? .unknown
      switch known {
      case .unchanged(let blob, let isBlob):
        // What the store has may be damaged, and the file in hand is not: then it is taken in again.
        if try isBlob && item.status.links > 1 || store.flaw(of: blob) == nil {
          found.append((item, blob))
        } else {
          unknown.append(item)
        }
      case .changed:
        var item = item
        item.isWrittenInPlace = true
        unknown.append(item)
      case .unknown: withoutEvidence.append(item)
      }
    }
    let linked = try findLinked(withoutEvidence)
    return (found + linked.found, unknown + linked.unknown)
  }

  /// Finds files that gave no evidence, having been hashed too soon after they were written, but are hard
  /// links of the blob that the base has under the same path.
  private func findLinked(_ items: [Item]) throws -> (found: [Found], unknown: [Item]) {
    let contents = items.map(baseContent)
    let blobs = try store.catalog.blobs(contents.compactMap { $0?.digest })
    var remaining = blobs.makeIterator()
    var found: [Found] = []
    var unknown: [Item] = []
    for (item, content) in zip(items, contents) {
      if content != nil, let blob = remaining.next() ?? nil, try isFile(of: blob, item) {
        found.append((item, blob))
      } else {
        unknown.append(item)
      }
    }
    return (found, unknown)
  }

  /// What the base has under the path of a file that looks like it and has other links.
  private func baseContent(of item: Item) -> Content? {
    guard item.status.links > 1, let content = base[item.file.path],
      content.size == item.status.size, content.modified.nanoseconds == item.status.modified
    else { return nil }
    return content
  }

  /// Whether the file is the blob's own, and as it was stored.
  private func isFile(of blob: BlobRecord, _ item: Item) throws -> Bool {
    guard let file = try store.blobs.status(of: blob.name) else { return false }
    return file.device == item.status.device && file.inode == item.status.inode
      && BlobFlaw(file, of: blob) == nil
  }
}
