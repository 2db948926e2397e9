// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// A file to be part of a checkpoint in a ``MemorySource``.
package struct MemoryFile: Sendable {
  package let path: EntryPath
  package let bytes: [UInt8]
  package let modified: Timestamp
  package let isShared: Bool

  package init(path: EntryPath, bytes: [UInt8], modified: Timestamp, isShared: Bool) {
    self.path = path
    self.bytes = bytes
    self.modified = modified
    self.isShared = isShared
  }

  /// A file that checkpoints share where they agree in its bytes.
  package static func shared(
    _ path: String, _ text: String, modified seconds: Int64 = 1_700_000_000
  ) throws -> MemoryFile {
    MemoryFile(
      path: try EntryPath(path), bytes: Array(text.utf8),
      modified: Timestamp(seconds: seconds, nanoseconds: 500), isShared: true)
  }

  /// A file of one checkpoint only.
  package static func own(
    _ path: String, _ text: String, modified seconds: Int64 = 1_700_000_000
  ) throws -> MemoryFile {
    MemoryFile(
      path: try EntryPath(path), bytes: Array(text.utf8),
      modified: Timestamp(seconds: seconds, nanoseconds: 500), isShared: false)
  }
}
