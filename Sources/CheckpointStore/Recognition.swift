// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles

/// Tells by evidence which files have contents that the store has, without reading them (promise P5).
struct Recognition {
  /// - isBlob: the file is the blob's own, by a hard link, and there is evidence for what it holds.
  typealias Found = (file: SeenFile, blob: BlobRecord, isBlob: Bool)

  let store: Store
  /// The contents of the checkpoint to compare with, by path.
  let base: [EntryPath: Content]

  /// Divides files into those that were hashed before and those that must be read.
  func recognise(_ files: [SeenFile]) throws -> (found: [Found], unknown: [SeenFile]) {
    var found: [Found] = []
    var unknown: [SeenFile] = []
    var withoutEvidence: [SeenFile] = []
    let evidence = files.map { Evidence($0.status, hashStarted: nil) }
    var knowledge = try store.catalog.knowledge(of: evidence.compactMap(\.self)).makeIterator()
    for (file, evidence) in zip(files, evidence) {
      let known = evidence == nil ? .unknown : knowledge.next() ?? .unknown
      switch known {
      case .unchanged(let blob, let isBlob):
        // What the store has may be damaged, and the file in hand is not: then it is taken in again.
        let isBlob = isBlob && file.status.links > 1
        if try isBlob || store.flaw(of: blob) == nil {
          found.append((file, blob, isBlob))
        } else {
          unknown.append(file)
        }
      case .changed:
        var file = file
        file.isWrittenInPlace = true
        unknown.append(file)
      case .unknown: withoutEvidence.append(file)
      }
    }
    let linked = try findLinked(withoutEvidence)
    return (found + linked.found, unknown + linked.unknown)
  }

  /// Finds files that gave no evidence, having been hashed too soon after they were written, but are hard
  /// links of the blob that the base has under the same path.
  ///
  /// Once they are old enough they are read again, which gives evidence for good: then their page can be
  /// recognised as a whole, without asking whether each still is its blob's own file.
  private func findLinked(_ files: [SeenFile]) throws -> (found: [Found], unknown: [SeenFile]) {
    let contents = files.map(baseContent)
    let blobs = try store.catalog.blobs(contents.compactMap { $0?.digest })
    let now = Timestamp(nanoseconds: WallClock.now())
    var remaining = blobs.makeIterator()
    var found: [Found] = []
    var unknown: [SeenFile] = []
    for (file, content) in zip(files, contents) {
      if content != nil, let blob = remaining.next() ?? nil,
        !Evidence.canBeHad(of: file.status, at: now), try isFile(of: blob, file)
      {
        found.append((file, blob, false))
      } else {
        unknown.append(file)
      }
    }
    return (found, unknown)
  }

  /// What the base has under the path of a file that looks like it and has other links.
  private func baseContent(of file: SeenFile) -> Content? {
    guard file.status.links > 1, let content = base[file.path],
      content.size == file.status.size, content.modified.nanoseconds == file.status.modified
    else { return nil }
    return content
  }

  /// Whether the file is the blob's own, and as it was stored.
  func isFile(of blob: BlobRecord, _ file: SeenFile) throws -> Bool {
    guard let found = try store.blobs.status(of: blob.name) else { return false }
    return found.device == file.status.device && found.inode == file.status.inode
      && BlobFlaw(found, of: blob) == nil
  }
}
