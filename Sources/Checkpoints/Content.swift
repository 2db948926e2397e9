// SPDX-License-Identifier: Apache-2.0

/// What a file holds, and the time it was last written at its source.
public struct Content: Hashable, Sendable {
  public let digest: Digest
  /// In bytes.
  public let size: UInt64
  public let modified: Timestamp

  public init(digest: Digest, size: UInt64, modified: Timestamp) {
    self.digest = digest
    self.size = size
    self.modified = modified
  }
}
