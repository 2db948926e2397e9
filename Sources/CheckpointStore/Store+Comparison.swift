// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
package import Checkpoints
import LinuxFiles
import SystemPackage

extension Store {
  /// The first path, if any, at which `files` and a completed checkpoint are not the same.
  ///
  /// Files are read only where no evidence tells what they hold. Nothing is stored.
  /// - Throws: code `sourceChanged` when a file changed meanwhile, `invalid` when one is no regular file.
  package func firstDifference(
    between files: [SeenFile], and checkpoint: CheckpointRecord,
    cancellation: Cancellation = Cancellation(), progress: ProgressHandler? = nil
  ) throws(StoreError) -> EntryPath? {
    try translating {
      try firstDifference(
        between: files, and: catalog.pages(of: checkpoint.id).flatMap(\.entries), cancellation,
        progress)
    }
  }

  func firstDifference(
    between files: [SeenFile], and entries: [Entry],
    _ cancellation: Cancellation, _ progress: ProgressHandler?
  ) throws -> EntryPath? {
    var recorded: [EntryPath: Digest?] = [:]
    for entry in entries { recorded[entry.path] = .some(entry.content?.digest) }
    let paths = Set(files.map(\.path))
    if let path = paths.symmetricDifference(recorded.keys).min() { return path }
    let found = try digests(of: files, like: entries, cancellation, progress)
    return files.map(\.path).sorted().first { recorded[$0] != .some(found[$0]) }
  }

  private func digests(
    of files: [SeenFile], like entries: [Entry], _ cancellation: Cancellation,
    _ progress: ProgressHandler?
  ) throws -> [EntryPath: Digest] {
    let files = files.filter { $0.kind != .directory }
    for file in files { try file.checkKind() }
    var base: [EntryPath: Content] = [:]
    for entry in entries { base[entry.path] = entry.content }
    let (found, unknown) = try Recognition(store: self, base: base).recognise(files)
    var digests: [EntryPath: Digest] = [:]
    for (file, blob, _) in found { digests[file.path] = blob.name.digest }
    let counter = ByteCounter(
      total: unknown.lazy.map { Int64(clamping: $0.size) }.sum(), handler: progress)
    for file in unknown {
      digests[file.path] = try file.blamingSource {
        try Self.digest(of: file, cancellation, counter)
      }
    }
    return digests
  }

  private static func digest(
    of seen: SeenFile, _ cancellation: Cancellation, _ counter: ByteCounter
  ) throws -> Digest {
    let path = seen.source.location
    let file = try seen.source.place.open(.readOnly, options: [.nonBlocking])
    defer { try? file.close() }  // nothing was written through it
    var digest = RunningDigest()
    try file.forEachPiece(path: path) { (piece) throws(FileError) in
      digest.append(piece)
      counter.add(piece.count)
      if cancellation.isRequested { throw FileError("read", path, .canceled) }
    }
    guard try FileStatus(of: file, at: path).isUnchanged(since: seen.status) else {
      throw SeenFile.changed(seen.source)
    }
    return digest.finish()
  }
}
