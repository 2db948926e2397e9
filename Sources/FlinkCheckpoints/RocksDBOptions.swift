// SPDX-License-Identifier: Apache-2.0

/// What an OPTIONS file of RocksDB tells: an INI file with a section per column family.
enum RocksDBOptions {
  /// Larger ones are not read; the usual has some thirty thousand bytes.
  static let maximumSize: UInt64 = 16 << 20

  /// The names of the column families, in the file's order.
  static func familyNames(in text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let line = line.drop { $0 == " " }
      guard line.hasPrefix("[CFOptions \""), let end = line.lastIndex(of: "\"") else { return nil }
      let name = line[..<end].dropFirst("[CFOptions \"".count)
      return name.isEmpty ? nil : String(name)
    }
  }
}
