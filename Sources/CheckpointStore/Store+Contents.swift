// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
package import Checkpoints
import LinuxFiles

extension Store {
  /// Opens a content after checking its file against the record (promise P9).
  ///
  /// - Returns: `nil` when no completed checkpoint refers to it.
  /// - Throws: code `damaged` when the file is not what was recorded.
  package func open(_ digest: Digest) throws(StoreError) -> OpenFile? {
    try translating {
      guard let blob = try catalog.blob(digest) else { return nil }
      guard let flaw = try flaw(of: blob) else {
        // Collected between the two: as gone as if it had been before.
        return try blobs.open(blob.name)
      }
      guard try catalog.references(to: digest) > 0 else { return nil }
      throw StoreError(.damaged, try message(flaw, blob))
    }
  }

  /// What is wrong with a blob's file, as far as its status tells.
  func flaw(of blob: BlobRecord) throws(BlobStoreError) -> BlobFlaw? {
    guard let status = try blobs.status(of: blob.name) else { return .missing }
    guard status.isRegular else { return .notRegular }
    guard status.size == blob.size else {
      return .size(found: status.size, recorded: blob.size)
    }
    guard status.modified == blob.modified else { return .modified }
    return nil
  }

  func message(_ flaw: BlobFlaw, _ blob: BlobRecord) throws -> String {
    let users = try catalog.checkpoints(referringTo: blob.name.digest, limit: 9)
    let shown = users.prefix(8).map(\.description).joined(separator: ", ")
    return "blob \(blob.name) \(flaw); needed by \(shown)\(users.count > 8 ? ", …" : "")"
  }
}

/// How a blob's file differs from its record.
enum BlobFlaw: Hashable, Sendable, CustomStringConvertible {
  case missing
  case notRegular
  case size(found: UInt64, recorded: UInt64)
  case modified
  /// Only reading it all shows this.
  case content

  var description: String {
    switch self {
    case .missing: "is missing"
    case .notRegular: "is no regular file"
    case .size(let found, let recorded): "has \(found) bytes instead of \(recorded)"
    case .modified:
      "was written to since it was stored ('ckptfs fsck --read-data --repair' accepts it if its content "
        + "is still right)"
    case .content: "has another content than its name says"
    }
  }
}
