// SPDX-License-Identifier: Apache-2.0

/// How a database's program has set it up: what an OPTIONS file says.
///
/// Format: sections "[Name]" or "[Name "argument"]", with lines "key=value"; "#" begins a comment.
package struct DatabaseSettings: Equatable, Sendable {
  /// The greatest OPTIONS file that is read, in bytes.
  package static let sizeLimit = 64 << 20

  /// By section, such as `DBOptions` or `CFOptions "default"`.
  private let sections: [String: [String: String]]

  package init(_ content: [UInt8]) {
    var section = ""
    var sections: [String: [String: String]] = [:]
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self).drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("#") { continue }
      if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
        section = String(text[text.index(after: text.startIndex)..<end])
      } else if let sign = text.firstIndex(of: "=") {
        sections[section, default: [:]][String(text[..<sign])] =
          String(text[text.index(after: sign)...])
      }
    }
    self.sections = sections
  }

  /// The RocksDB that wrote it, such as "7.8.3"; nil where it is not told.
  package var version: String? { sections["Version"]?["rocksdb_version"] }

  /// The name of a table format of a column family that is not RocksDB's usual one.
  package var foreignTableFormat: String? {
    sections.values.compactMap { $0["table_factory"] }.filter { $0 != "BlockBasedTable" }.min()
  }

  /// The text of a setting of the database as a whole; nil where it is empty or not said.
  package subscript(key: String) -> String? {
    sections["DBOptions"]?[key].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a setting is true, or a number other than 0.
  package func isOn(_ key: String) -> Bool {
    switch self[key] {
    case nil, "false", "0": false
    default: true
    }
  }

  /// The name of a column family's merge operator, `nil` for none.
  ///
  /// It is `nullptr`, a name, or `{id=NAME;…}` with settings of its own.
  package func mergeOperator(of columnFamily: String) -> String? {
    guard var value = sections["CFOptions \"\(columnFamily)\""]?["merge_operator"]?[...] else {
      return nil
    }
    if value.first == "{" {
      guard let id = value.dropFirst().split(separator: ";").first(where: { $0.hasPrefix("id=") })
      else { return nil }
      value = id.dropFirst("id=".count).prefix { $0 != "}" }
    }
    return value.isEmpty || value == "nullptr" ? nil : String(value)
  }
}
