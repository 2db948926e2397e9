// SPDX-License-Identifier: Apache-2.0

/// The settings of a database as its program has chosen them: what an OPTIONS file says.
///
/// Format: sections "[Name]" or "[Name "argument"]", with lines "key=value"; "#" begins a comment.
package struct OptionsFile: Equatable, Sendable {
  /// The RocksDB that wrote it, such as "7.8.3"; nil where it is not told.
  package let version: String?
  /// The settings of the database as a whole, without those of column families.
  package let database: [String: String]

  package init(_ content: [UInt8]) {
    var section: Substring = ""
    var version: String?
    var database: [String: String] = [:]
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self).drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("#") { continue }
      if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
        section = text[text.index(after: text.startIndex)..<end]
      } else if let sign = text.firstIndex(of: "=") {
        let (key, value) = (text[..<sign], text[text.index(after: sign)...])
        switch section {
        case "Version" where key == "rocksdb_version": version = String(value)
        case "DBOptions": database[String(key)] = String(value)
        default: break
        }
      }
    }
    self.version = version
    self.database = database
  }

  package func isOn(_ key: String) -> Bool { database[key] == "true" }

  package func isPositive(_ key: String) -> Bool {
    database[key].flatMap(UInt64.init).map { $0 > 0 } ?? false
  }
}
