// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// Harm to some blobs of ``Scene/histories`` that the catalog knows of: one rotten, one cut off, one gone with its directory.
package struct Damage: Sendable {
  /// Whether the right contents lie beside the store, in `good`.
  let copiesGood: Bool

  func happen(to site: Site) throws {
    let store = try Store(at: site.store)
    if copiesGood { try FileSystemCalls.makeDirectory(site.root.appending("good")) }
    for (seed, harm) in [(1, Self.rot), (4, Self.cutOff), (5, Self.remove)] {
      let file = SyntheticFile("", seed, isShared: true)
      guard let blob = try store.catalog.blob(file.digest) else {
        throw Violation("P3", "content \(seed) is not in the store")
      }
      if copiesGood { try Self.write(file.bytes, site.root.appending("good/\(seed)")) }
      try harm(Self.path(of: blob.name, in: site), file.bytes)
    }
    // Reading finds the rot, and condemns it.
    guard try store.check(CheckOptions(readsData: true)).problems.count == 3 else {
      throw Violation("P9", "a check did not find the damage")
    }
  }

  static func path(of blob: BlobName, in site: Site) -> FilePath {
    site.store.appending("blobs/\(blob.description.prefix(2))/\(blob)")
  }

  /// Puts another file in its place, since the source may share the blob's inode.
  static func rot(_ path: FilePath, _ bytes: [UInt8]) throws {
    let time = try FileStatus(at: path).modified
    try FileSystemCalls.unlink(path)
    try write(bytes.map { ~$0 }, path)
    let file = try FileSystemCalls.open(path, .readOnly)
    defer { try? file.close() }  // nothing was written through it
    try file.setModified(time, path: path)
  }

  private static func cutOff(_ path: FilePath, _ bytes: [UInt8]) throws {
    try FileSystemCalls.unlink(path)
    try write(Array(bytes.dropLast()), path)
  }

  private static func remove(_ path: FilePath, _ bytes: [UInt8]) throws {
    try FileSystemCalls.unlink(path)
    // Nothing else lies in it.
    try FileSystemCalls.removeDirectory(path.removingLastComponent())
  }

  private static func write(_ bytes: [UInt8], _ path: FilePath) throws {
    try FileSystemCalls.write(path, options: [.create, .exclusiveCreate]) { file in
      try file.write(all: bytes[...], path: path)
    }
  }
}

extension Inspection {
  /// Whatever a repair had come to: the catalog contradicts itself nowhere, and no blob that would be shown has other bytes
  /// than its name says.
  func checkNothingBadIsShown() throws {
    let store = try Store(at: site.store)
    if let flaw = try store.catalog.inconsistencies().first { throw Violation("P3", flaw) }
    try store.catalog.forEachBlob { blob, _ in
      let path = Damage.path(of: blob.name, in: site)
      guard !blob.isCondemned, let status = try FileStatus(ifPresent: path),
        status.size == blob.size, status.modified == blob.modified.nanoseconds
      else { return }
      let bytes = try FileSystemCalls.contents(of: path, limit: 1 << 26)
      guard Digest(hashing: bytes) == blob.name.digest else {
        throw Violation("P9", "blob \(blob.name) has other bytes and would be shown")
      }
    }
  }
}
