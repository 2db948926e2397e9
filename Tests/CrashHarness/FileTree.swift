// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
package import SystemPackage

/// Whole directories.
package enum FileTree {
  /// Copies a directory as it is.
  package static func copy(_ source: FilePath, to destination: FilePath) throws {
    try Tool.run("/bin/cp", "-a", "--reflink=auto", source.string, destination.string)
  }

  static func append(_ bytes: [UInt8], to path: FilePath) throws {
    let file = try FileSystemCalls.open(path, .writeOnly, options: [.append, .closeOnExec])
    try file.write(all: bytes[...], path: path)
    try file.close(reporting: path)
  }

  package static func remove(_ directory: FilePath) throws {
    try Tool.run("/bin/rm", "-rf", directory.string)
  }

  /// Every regular file below a directory, by its path there, and what it holds.
  package static func contents(of directory: FilePath) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    try visit(directory, "") { found[$0] = $1 }
    return found
  }

  private static func visit(
    _ directory: FilePath, _ prefix: String, _ body: (String, [UInt8]) -> Void
  ) throws {
    for name in try DirectoryListing.names(in: directory) {
      let path = directory.appending(bytes: name)
      let text = prefix + String(decoding: name, as: UTF8.self)
      if try FileStatus(at: path).kind == .directory {
        try visit(path, text + "/", body)
      } else {
        body(text, try FileSystemCalls.contents(of: path, limit: 1 << 26))
      }
    }
  }
}
