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
    between files: [SourceFile], and checkpoint: CheckpointRecord,
    progress: ProgressHandler? = nil
  ) throws(StoreError) -> EntryPath? {
    try translating {
      var recorded: [EntryPath: Digest?] = [:]
      for page in try catalog.pages(of: checkpoint.id) {
        for entry in page.entries { recorded[entry.path] = .some(entry.content?.digest) }
      }
      let paths = Set(files.map(\.path))
      if let path = paths.symmetricDifference(recorded.keys).min() { return path }
      let found = try digests(of: files, like: checkpoint, progress)
      return files.map(\.path).sorted().first { recorded[$0] != .some(found[$0]) }
    }
  }

  private func digests(
    of files: [SourceFile], like checkpoint: CheckpointRecord, _ progress: ProgressHandler?
  ) throws -> [EntryPath: Digest] {
    let items = try Recognition.Item.looking(at: files)
    let base = try BasePages(catalog, of: checkpoint).contents(without: [])
    let (found, unknown) = try Recognition(store: self, base: base).recognise(items)
    var digests: [EntryPath: Digest] = [:]
    for (item, blob, _) in found { digests[item.file.path] = blob.name.digest }
    let counter = ByteCounter(
      total: Int64(clamping: unknown.reduce(0) { $0 + $1.status.size }), handler: progress)
    for item in unknown {
      digests[item.file.path] = try Recognition.Item.blamingSource(item.file) {
        try Self.digest(of: item, counter)
      }
    }
    return digests
  }

  private static func digest(of item: Recognition.Item, _ counter: ByteCounter) throws -> Digest {
    let path = item.file.location
    let file = try FileSystemCalls.open(
      path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    defer { try? file.close() }  // nothing was written through it
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var digest = RunningDigest()
    while case let count = try file.fill(&buffer, path: path), count > 0 {
      digest.append(buffer[..<count])
      counter.add(count)
    }
    guard try FileStatus(of: file, at: path).isUnchanged(since: item.status) else {
      throw Recognition.Item.changed(item.file)
    }
    return digest.finish()
  }
}
