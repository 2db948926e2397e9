// SPDX-License-Identifier: Apache-2.0

/// A position in a directory: what `telldir` returns and `seekdir` accepts.
///
/// Each entry carries the offset of the entry *after* it. Offsets are the file system's choice, not
/// negative, and stay valid while the directory is open, whatever appears or disappears in it.
package struct DirectoryOffset: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int64

  package init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  /// Before the first entry.
  package static let start = DirectoryOffset(rawValue: 0)
}
