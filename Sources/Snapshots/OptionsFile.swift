// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// The settings in an OPTIONS file of RocksDB, as text.
struct OptionsFile {
  /// By section, such as `DBOptions` or `CFOptions "default"`.
  private let sections: [Substring: [Substring: Substring]]

  /// - Returns: `nil` where there is no such file.
  init?(newestIn tree: DirectoryTree) throws {
    let files = tree.items.compactMap { item -> (number: FileNumber, location: FilePath)? in
      guard case .options(let number)? = item.databaseFile else {
        return nil
      }
      return (number, item.location)
    }
    guard let newest = files.max(by: { $0.number < $1.number }) else { return nil }
    let content = try FileSystemCalls.contents(of: newest.location, limit: 64 << 20)
    self.init(String(decoding: content, as: UTF8.self))
  }

  init(_ text: String) {
    var sections: [Substring: [Substring: Substring]] = [:]
    var section: Substring = ""
    for line in text.split(separator: "\n") {
      let line = line.drop { $0 == " " }
      if line.first == "[", line.last == "]" {
        section = line.dropFirst().dropLast()
      } else if let equals = line.firstIndex(of: "=") {
        sections[section, default: [:]][line[..<equals]] = line[line.index(after: equals)...]
      }
    }
    self.sections = sections
  }

  /// Where the logs are; `nil` where that is not said.
  var logDirectory: FilePath? {
    guard let path = sections["DBOptions"]?["wal_dir"], !path.isEmpty else { return nil }
    return FilePath(String(path))
  }

  /// The name of a column family's merge operator, `nil` for none.
  ///
  /// It is `nullptr`, a name, or `{id=NAME;…}` with settings of its own.
  func mergeOperator(of columnFamily: String) -> String? {
    guard var value = sections["CFOptions \"\(columnFamily)\""]?["merge_operator"] else {
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
