// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
package import Checkpoints
import LinuxFiles
package import SystemPackage

/// A checkpoint laid out as a private directory, for programs that open it: own files are copies, shared ones
/// symbolic links to the blobs' files, so that nothing of the store changes, not even a count of links.
package struct CheckpointView: Sendable {
  package let root: FilePath
  package let entries: [Entry]
  /// Where the bytes of each file can be read.
  package fileprivate(set) var locations: [EntryPath: FilePath] = [:]
  /// The files that are not there, and why.
  package fileprivate(set) var damage: [EntryPath: String] = [:]
}

extension Store {
  /// Lays a checkpoint out below `directory`, does `body`, and takes it away again.
  ///
  /// What it reads is kept from collection meanwhile. What a killed process left is removed as that of a restore is.
  package func withView<Result>(
    of checkpoint: CheckpointRecord, below directory: FilePath,
    _ body: (CheckpointView) throws -> Result
  ) throws -> Result {
    try withLease(of: checkpoint) { owner in
      let root = try FileSystemCalls.resolve(directory)
        .appending("ckptfs-verify\(AbandonedRestore.suffix(of: owner.token))")
      try owner.note(root)
      let result = Swift.Result { try body(layOut(checkpoint, at: root)) }
      try FileSystemCalls.removeTree(root)
      return try result.get()
    }
  }

  private func layOut(_ checkpoint: CheckpointRecord, at root: FilePath) throws -> CheckpointView {
    let entries = try catalog.pages(of: checkpoint.id).flatMap(\.entries)
    var view = CheckpointView(root: root, entries: entries)
    try FileSystemCalls.makeDirectory(root, permissions: 0o700)
    // Sorted, a directory comes before what it holds.
    for directory in entries.filter({ $0.content == nil }).map(\.path).sorted() {
      try FileSystemCalls.makeDirectory(root.appending(bytes: directory.bytes))
    }
    for entry in entries {
      guard let content = entry.content else { continue }
      let target = root.appending(bytes: entry.path.bytes)
      if let flaw = try lay(entry, content, checkpoint.owner, at: target) {
        view.damage[entry.path] = flaw
      } else {
        view.locations[entry.path] = target
      }
    }
    return view
  }

  /// - Returns: what is wrong with the blob; `nil` when the file is there.
  private func lay(
    _ entry: Entry, _ content: Content, _ owner: Ownership, at target: FilePath
  ) throws -> String? {
    guard let blob = try catalog.blob(content.digest) else { return "its content is lost" }
    do throws(BlobStoreError) {
      if let flaw = try flaw(of: blob) { return "blob \(blob.name) \(flaw)" }
      if entry.isShared {
        try blobs.refer(to: blob.name, from: target)
      } else {
        try blobs.export(
          blob.name, to: FileLocation(target), mode: .copy, modified: content.modified, owner: owner
        ) { _ in }
      }
      return nil
    } catch {
      // What is not of the blob's file is no damage of it.
      guard error.code == .corrupt || error.code == .unreadable else { throw error }
      return error.message
    }
  }
}
