// SPDX-License-Identifier: Apache-2.0

/// A part of a file that Flink merged many states into.
package struct FileSegment: Hashable, Sendable {
  package enum Scope: Int32, Sendable {
    /// Of one checkpoint.
    case exclusive = 0
    case shared = 1
  }

  /// As Flink recorded it, see StateFile/path.
  package let path: String
  /// Where it begins in the file, in bytes.
  package let start: UInt64
  /// In bytes; it ends within 2^63.
  package let size: UInt64
  package let scope: Scope
  package let logicalFile: String
}
