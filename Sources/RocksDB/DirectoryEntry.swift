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

  package init(_ name: String) { self.init(bytes: Array(name.utf8)[...]) }

  /// A checkpoint has thousands of names, so they are told apart as bytes, tables first.
  package init(bytes name: ArraySlice<UInt8>) {
    if let first = name.first, FileNumber.isDigit(first) {
      self = Self.numbered(name)
    } else {
      self = Self.worded(name)
    }
  }

  private static func numbered(_ name: ArraySlice<UInt8>) -> DirectoryEntry {
    let digits = name.prefix(while: FileNumber.isDigit)
    let rest = name[digits.endIndex...]
    if rest.has(suffix: ".dbtmp") { return .temporary }
    guard let number = FileNumber(digits: digits) else { return .foreign }
    if rest.has(text: ".sst") || rest.has(text: ".ldb") { return .table(number) }
    if rest.has(text: ".blob") { return .blob(number) }
    return rest.has(text: ".log") ? .log(number) : .foreign
  }

  private static func worded(_ name: ArraySlice<UInt8>) -> DirectoryEntry {
    if name.has(text: "CURRENT") { return .current }
    if name.has(text: "IDENTITY") { return .identity }
    if name.has(text: "LOCK") { return .lock }
    if name.has(text: "LOG") || name.has(text: "LOG.old") { return .infoLog }
    if name.has(suffix: ".dbtmp") { return .temporary }
    if let time = name.rest(after: "LOG.old.") {
      return !time.isEmpty && time.allSatisfy(FileNumber.isDigit) ? .infoLog : .foreign
    }
    if let digits = name.rest(after: "MANIFEST-") {
      return FileNumber(digits: digits).map { .manifest($0) } ?? .foreign
    }
    if let digits = name.rest(after: "OPTIONS-") {
      return FileNumber(digits: digits).map { .options($0) } ?? .foreign
    }
    return .foreign
  }
}

extension ArraySlice<UInt8> {
  fileprivate func has(text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && rest(after: text) != nil
  }

  fileprivate func has(suffix: StaticString) -> Bool {
    self.suffix(suffix.utf8CodeUnitCount).has(text: suffix)
  }

  fileprivate func rest(after prefix: StaticString) -> ArraySlice<UInt8>? {
    let start = self.prefix(prefix.utf8CodeUnitCount)
    return prefix.withUTF8Buffer { unsafe start.elementsEqual($0) } ? self[start.endIndex...] : nil
  }
}
