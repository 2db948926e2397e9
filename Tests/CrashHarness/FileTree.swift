// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
package import SystemPackage

/// Whole directories.
package enum FileTree {
  /// Copies a directory of directories and regular files, with the times of the files.
  package static func copy(_ source: FilePath, to destination: FilePath) throws {
    try FileSystemCalls.makeDirectory(destination)
    for name in try DirectoryListing.names(in: source) {
      let (from, to) = (source.appending(bytes: name), destination.appending(bytes: name))
      let status = try FileStatus(at: from)
      if status.kind == .directory {
        try copy(from, to: to)
        continue
      }
      let bytes = try FileSystemCalls.contents(of: from, limit: 1 << 28)
      let file = try FileSystemCalls.open(
        to, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: FilePermissions(rawValue: 0o644))
      try file.write(all: bytes[...], path: to)
      try file.setModified(status.modified, path: to)
      try file.close(reporting: to)
    }
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
