// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Foundation
import Glibc
import LinuxFiles
package import SystemPackage

/// Whole directories.
package enum FileTree {
  /// Copies a directory as it is.
  package static func copy(_ source: FilePath, to destination: FilePath) throws {
    try Tool.run("/bin/cp", "-a", "--reflink=auto", source.string, destination.string)
  }

  /// Makes a file.
  static func write(_ bytes: [UInt8], to path: FilePath, permissions: CModeT = 0o644) throws {
    let file = try FileSystemCalls.open(
      path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: FilePermissions(rawValue: permissions))
    try file.write(all: bytes[...], path: path)
    try file.close(reporting: path)
  }

  /// A file that only its owner, who runs this, may read.
  static func secret(in directory: FilePath) throws -> FilePath {
    let path = directory.appending("secret")
    if try !FileSystemCalls.exists(path) {
      try write(Array("a secret".utf8), to: path, permissions: 0o600)
    }
    return path
  }

  /// Gives a file or directory away, where this process may do that.
  static func give(_ path: FilePath, to owner: Ownership) throws {
    guard geteuid() == 0 else { return }
    let file = try FileSystemCalls.open(path, .readOnly)
    try file.setOwner(user: owner.user, group: owner.group, path: path)
    try file.close(reporting: path)
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
      let text = prefix + String(path: name)
      if try FileStatus(at: path).kind == .directory {
        try visit(path, text + "/", body)
      } else {
        body(text, try FileSystemCalls.contents(of: path, limit: 1 << 26))
      }
    }
  }
}
