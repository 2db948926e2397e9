// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// The content of CURRENT: which MANIFEST describes the database.
package struct CurrentFile: Equatable, Sendable {
  package static let name = "CURRENT"

  package let manifest: FileNumber
  package var manifestName: String { manifest.manifestName }

  /// Reads CURRENT of `directory`.
  ///
  /// - Throws: `.notADatabase` when there is none; `.corrupt` when it is anything but the name of a
  ///   MANIFEST and a newline.
  package init(in directory: FilePath) throws(RocksDirectoryError) {
    let path = directory.appending(Self.name)
    do {
      try self.init(contentsOf: path)
    } catch .io(_, .noSuchFileOrDirectory) {
      throw .notADatabase(directory)
    }
  }

  private init(contentsOf path: FilePath) throws(RocksDirectoryError) {
    let file = try MetadataFile(path)
    // The longest valid content is 9 + 20 + 1 bytes; one more tells that it is longer.
    var buffer = [UInt8](repeating: 0, count: 31)
    let count = try file.read(at: 0, into: &buffer)
    guard let manifest = Self.manifest(named: buffer.prefix(count)) else {
      throw .corrupt(
        file: path, offset: 0, reason: "it does not hold the name of a MANIFEST and a newline")
    }
    self.manifest = manifest
  }

  private static func manifest(named content: ArraySlice<UInt8>) -> FileNumber? {
    let prefix = Array("MANIFEST-".utf8)
    guard content.starts(with: prefix), content.last == UInt8(ascii: "\n") else { return nil }
    return FileNumber(digits: content.dropFirst(prefix.count).dropLast())
  }
}
