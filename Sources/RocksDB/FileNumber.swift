// SPDX-License-Identifier: Apache-2.0

/// A number by which RocksDB names a table, blob file, log, MANIFEST or OPTIONS file.
///
/// Within one database a number is used once; after a restore numbers repeat with other content.
package struct FileNumber: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The largest number RocksDB can pack beside a path id.
  static let maximum = FileNumber(rawValue: 0x3FFF_FFFF_FFFF_FFFF)

  package static func < (a: FileNumber, b: FileNumber) -> Bool { a.rawValue < b.rawValue }

  /// The number as RocksDB writes it in names: decimal, at least six digits.
  package var digits: String {
    let text = String(rawValue)
    return String(repeating: "0", count: max(0, 6 - text.utf8.count)) + text
  }

  package var tableName: String { digits + ".sst" }
  /// The name that LevelDB, and RocksDB on a database of LevelDB, uses for a table.
  package var legacyTableName: String { digits + ".ldb" }
  package var blobName: String { digits + ".blob" }
  package var logName: String { digits + ".log" }
  package var manifestName: String { "MANIFEST-" + digits }
  package var optionsName: String { "OPTIONS-" + digits }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Reads digits exactly as RocksDB writes them, so that the number gives back the same text.
  init?(digits: ArraySlice<UInt8>) {
    // Of more than six digits, none is for padding.
    guard digits.count >= 6, digits.count == 6 || digits.first != 0x30 else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard Self.isDigit(byte), value <= FileNumber.maximum.rawValue / 10 else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
    }
    guard value <= FileNumber.maximum.rawValue else { return nil }
    rawValue = value
  }
}
