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

  /// Reads digits exactly as RocksDB writes them, so that the number gives back the same text.
  init?(digits text: some StringProtocol) {
    guard (6...20).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      let value = UInt64(text), value <= FileNumber.maximum.rawValue
    else { return nil }
    rawValue = value
    if digits != text { return nil }
  }
}
