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

    /// Looks at files that nobody has looked at yet; directories are left out.
    ///
    /// - Throws: code `invalid` when one is no regular file, `sourceChanged` when one is not there.
    static func looking(at files: [SourceFile]) throws -> [Item] {
      let files = files.filter { $0.kind != .directory }
      var looks = try FileStatus.ifPresent(
        at: files.filter { $0.status == nil }.map(\.location)
      ).makeIterator()
      return try files.map { file in
        guard let status = file.status ?? looks.next() ?? nil else { throw changed(file) }
        return try Item(file, status)
      }
    }

    /// - Throws: code `sourceChanged` when a file is not what it was at first.
    static func recheck(_ items: [Item]) throws {
      let looks = try FileStatus.ifPresent(at: items.map(\.file.location))
      for (item, now) in zip(items, looks)
      where now?.isUnchanged(since: item.status) != true {
        throw changed(item.file)
      }
    }

    private init(_ file: SourceFile, _ status: FileStatus) throws {
      self.file = file
      self.status = status
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

  /// - isBlob: the file is the blob's own, by a hard link.
  typealias Found = (item: Item, blob: BlobRecord, isBlob: Bool)

  let store: Store
  /// The contents of the checkpoint to compare with, by path.
  let base: [EntryPath: Content]

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
        let isBlob = isBlob && item.status.links > 1
        if try isBlob || store.flaw(of: blob) == nil {
          found.append((item, blob, isBlob))
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
        found.append((item, blob, true))
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
