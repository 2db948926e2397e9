// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// What jobs and savepoints are called in a mount: as their directories, which need not be unique, nor
/// names that a mount allows.
struct HistoryNames {
  private var names: [String: HistoryName] = [:]

  init(_ directories: [(path: String, name: String)]) {
    let plain = directories.map { (path: $0.path, name: Self.allowed($0.name)) }
    let counts = Dictionary(plain.map { ($0.name, 1) }, uniquingKeysWith: +)
    for (index, (path, name)) in plain.enumerated() {
      let isUnchanged = name == directories[index].name && counts[name] == 1
      let suffix = Digest(hashing: Array(path.utf8)).hexadecimal.prefix(8)
      names[path] = Self.name(isUnchanged ? name : "\(name.prefix(100))-\(suffix)")
    }
  }

  subscript(path: String) -> HistoryName? { names[path] }

  private static func name(_ text: String) -> HistoryName {
    guard let name = try? HistoryName(text) else {
      preconditionFailure("'\(text)' was made of what a name allows")
    }
    return name
  }

  /// A name that a mount allows.
  private static func allowed(_ name: String) -> String {
    if (try? HistoryName(name)) != nil { return name }
    let characters = name.unicodeScalars.prefix(100).map { scalar in
      let isAllowed =
        scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || "._-".unicodeScalars.contains(scalar))
      return isAllowed ? Character(scalar) : "_"
    }
    return "job_" + String(characters)
  }
}
