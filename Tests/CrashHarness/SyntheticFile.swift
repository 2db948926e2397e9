// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// A file of a checkpoint that the harness makes up.
package struct SyntheticFile: Codable, Hashable, Sendable {
  /// Its path in the checkpoint.
  package let path: String
  /// Which content it has: files with one seed have the same bytes. 0 is the empty content.
  package let seed: Int
  /// Whether it stands for an SST file: hard-linked into the store, and one inode for all.
  package let isShared: Bool

  package init(_ path: String, _ seed: Int, isShared: Bool) {
    self.path = path
    self.seed = seed
    self.isShared = isShared
  }

  package var bytes: [UInt8] {
    if seed == 0 { return [] }
    var generator = SeededGenerator(seed: UInt64(seed))
    let size = 1 + Int(generator.next() % 6000)
    return (0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  package var digest: Digest { Digest(hashing: bytes) }

  /// The directories that its path goes through.
  package var directories: [String] {
    let parts = path.split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }
}
