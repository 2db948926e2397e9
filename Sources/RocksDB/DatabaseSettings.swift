// SPDX-License-Identifier: Apache-2.0

/// How a database's program has set it up: what an OPTIONS file says.
///
/// Format: sections "[Name]" or "[Name "argument"]", with lines "key=value"; "#" begins a comment.
package struct DatabaseSettings: Equatable, Sendable {
  /// The RocksDB that wrote it, such as "7.8.3"; nil where it is not told.
  package let version: String?
  /// The names of the table formats of its column families.
  package let tableFormats: Set<String>
  /// The settings of the database as a whole, without those of column families.
  private let database: [String: String]

  package init(_ content: [UInt8]) {
    var section: Substring = ""
    var version: String?
    var tableFormats: Set<String> = []
    var database: [String: String] = [:]
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self).drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("#") { continue }
      if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
        section = text[text.index(after: text.startIndex)..<end]
      } else if let sign = text.firstIndex(of: "=") {
        let (key, value) = (text[..<sign], text[text.index(after: sign)...])
        switch section {
        case "Version" where key == "rocksdb_version": version = String(value)
        case "DBOptions": database[String(key)] = String(value)
        default: if key == "table_factory" { tableFormats.insert(String(value)) }
        }
      }
    }
    self.version = version
    self.tableFormats = tableFormats
    self.database = database
  }

  /// The text of a setting; nil where it is empty or not said.
  package subscript(key: String) -> String? {
    database[key].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a setting is true, or a number other than 0.
  package func isOn(_ key: String) -> Bool {
    switch self[key] {
    case nil, "false", "0": false
    default: true
    }
  }
}
