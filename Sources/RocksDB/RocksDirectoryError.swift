// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// Why the metadata of a RocksDB directory cannot be trusted or read.
package enum RocksDirectoryError: Error, Equatable, Sendable {
  /// The directory has no CURRENT file.
  case notADatabase(FilePath)
  /// The bytes contradict the format; `offset` is the byte in `file` where the record begins.
  case corrupt(file: FilePath, offset: UInt64, reason: String)
  /// The bytes are sound as far as checked, but need a feature this reader does not know.
  case unsupported(file: FilePath, offset: UInt64, reason: String)
  /// The operating system refused; also a MANIFEST that CURRENT names and that is absent.
  case io(file: FilePath, Errno)
}

extension RocksDirectoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notADatabase(let path):
      "\(path) is not a RocksDB directory: it has no CURRENT file"
    case .corrupt(let file, let offset, let reason):
      "\(file) is corrupt at byte \(offset): \(reason); use another copy of this checkpoint"
    case .unsupported(let file, let offset, let reason):
      "\(file) cannot be read at byte \(offset): \(reason)"
    case .io(let file, let errno):
      "cannot read \(file): \(errno)"
    }
  }
}
