// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import Synchronization

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

  package var bytes: [UInt8] { Self.content(seed).bytes }

  package var digest: Digest { Self.content(seed).digest }

  private typealias Content = (bytes: [UInt8], digest: Digest)

  /// Making them up takes a debug build longer than a store takes them in.
  private static let contents = Mutex<[Int: Content]>([:])

  private static func content(_ seed: Int) -> Content {
    if let known = contents.withLock({ $0[seed] }) { return known }
    let bytes = made(seed)
    let content = (bytes: bytes, digest: Digest(hashing: bytes))
    contents.withLock { $0[seed] = content }
    return content
  }

  /// One in ten is large enough for the kernel to read it without asking a mount's process.
  private static func made(_ seed: Int) -> [UInt8] {
    if seed == 0 { return [] }
    var generator = SeededGenerator(seed: UInt64(seed))
    let size = 1 + Int(generator.next() % 3000) + (seed % 10 == 9 ? 20_000 : 0)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + 8)
    while bytes.count < size {
      let word = generator.next()
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return Array(bytes.prefix(size))
  }

  /// The directories that its path goes through.
  package var directories: [String] {
    let parts = path.split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }
}
