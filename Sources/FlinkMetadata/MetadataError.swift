// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// Why a `_metadata` cannot be read: what was expected at which byte, and what is there.
package struct MetadataError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Flaw: Hashable, Sendable {
    /// The file does not begin as Flink's do.
    case notMetadata
    /// The file's format is older or newer than those that are known.
    case unsupportedVersion(Int32)
    /// The file ends within `expected`.
    case truncated(expected: String)
    case malformed(expected: String, found: String)
    /// More values than any job has: reading on would only fill the memory.
    case tooLarge(expected: String)
    case unreadable(Errno)
  }

  package let flaw: Flaw
  package let path: FilePath
  /// Of the field that is wrong, in bytes from the beginning of the file.
  package let offset: UInt64

  init(_ flaw: Flaw, in path: FilePath, at offset: UInt64 = 0) {
    self.flaw = flaw
    self.path = path
    self.offset = offset
  }

  package var description: String {
    switch flaw {
    case .notMetadata:
      "cannot read '\(path)': at byte \(offset): expected the mark of a Flink checkpoint, "
        + "4960672d; give a checkpoint directory that Flink wrote"
    case .unsupportedVersion(let version):
      "cannot read '\(path)': at byte \(offset): expected format version "
        + "\(MetadataVersion.oldest.rawValue) to \(MetadataVersion.newest.rawValue), found \(version); "
        + "it was written by \(version < MetadataVersion.oldest.rawValue ? "an older" : "a newer") "
        + "Flink than is supported"
    case .truncated(let expected):
      "cannot read '\(path)': at byte \(offset): expected \(expected), found the end of the file; it "
        + "is still being written, or a copy that is not whole"
    case .malformed(let expected, let found):
      "cannot read '\(path)': at byte \(offset): expected \(expected), found \(found); the file is "
        + "damaged, restore it from a copy"
    case .tooLarge(let expected):
      "cannot read '\(path)': at byte \(offset): expected \(expected); the file is damaged, restore "
        + "it from a copy"
    case .unreadable(let error):
      "cannot read '\(path)': \(error)"
    }
  }
}
