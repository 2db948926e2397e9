// SPDX-License-Identifier: Apache-2.0

/// What the file system chose to name one open file or directory, from open until release.
package struct FileHandle: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}
