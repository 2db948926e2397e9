// SPDX-License-Identifier: Apache-2.0
import CRocksDBTables
package import SystemPackage

/// The RocksDB that this program is linked with.
package enum LinkedRocksDB {
  /// Such as "7.8.3".
  package static var version: String { unsafe String(cString: rocks_version()) }

  /// What came of reading a file whose checksums are RocksDB's.
  package enum Verdict: Equatable, Sendable {
    case sound
    case corrupt(String)
    /// This version cannot tell, for this reason.
    case unsupported(String)
    /// A call on the file failed: the disk's fault, or this process's.
    case unreadable(String)
  }

  /// Reads all of a table file, and compares the checksum of each block: of data, index, filters and properties.
  ///
  /// It needs no database around it, and no comparator. Callable from any thread.
  package static func verifyTable(_ path: FilePath) -> Verdict {
    var message = [CChar](repeating: 0, count: 1024)
    let verdict = unsafe rocks_verify_table(path.string, &message, message.count)
    let text = String(
      decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return switch UInt32(verdict) {
    case ROCKS_TABLE_SOUND.rawValue: .sound
    case ROCKS_TABLE_CORRUPT.rawValue: .corrupt(text)
    case ROCKS_TABLE_UNSUPPORTED.rawValue: .unsupported(text)
    default: .unreadable(text)
    }
  }
}
