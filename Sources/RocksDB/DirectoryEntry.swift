// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// What a name in a RocksDB directory stands for, judged by the name alone.
///
/// Only names exactly as RocksDB writes them are its own: `12.sst` is foreign, `000012.sst` is not.
package enum DirectoryEntry: Hashable, Sendable {
  case table(FileNumber)
  case blob(FileNumber)
  case log(FileNumber)
  case manifest(FileNumber)
  case current
  case options(FileNumber)
  case identity
  case lock
  /// RocksDB's own diagnostics, LOG and its predecessors.
  case infoLog
  /// What a crash of RocksDB may leave over.
  case temporary
  case foreign

  package init(_ name: FilePath.Component) {
    // A name that is not UTF-8 becomes one with replacement characters, which is foreign too.
    self.init(name.string)
  }

  package init(_ name: String) {
    switch name {
    case "CURRENT": self = .current
    case "IDENTITY": self = .identity
    case "LOCK": self = .lock
    case "LOG", "LOG.old": self = .infoLog
    default: self = Self.numbered(name)
    }
  }

  private static func numbered(_ name: String) -> DirectoryEntry {
    if name.hasSuffix(".dbtmp") { return .temporary }
    if let old = name.suffix(after: "LOG.old."), old.utf8.allSatisfy({ (48...57).contains($0) }) {
      return old.isEmpty ? .foreign : .infoLog
    }
    if let digits = name.suffix(after: "MANIFEST-") {
      return FileNumber(digits: digits).map { .manifest($0) } ?? .foreign
    }
    if let digits = name.suffix(after: "OPTIONS-") {
      return FileNumber(digits: digits).map { .options($0) } ?? .foreign
    }
    guard let dot = name.firstIndex(of: "."), let number = FileNumber(digits: name[..<dot])
    else { return .foreign }
    switch name[dot...] {
    case ".sst", ".ldb": return .table(number)
    case ".blob": return .blob(number)
    case ".log": return .log(number)
    default: return .foreign
    }
  }
}

extension String {
  fileprivate func suffix(after prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
