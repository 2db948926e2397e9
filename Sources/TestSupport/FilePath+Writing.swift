// SPDX-License-Identifier: Apache-2.0

import Foundation
package import LinuxFiles
package import SystemPackage

extension FilePath {
  /// Makes a file of these bytes, or replaces what it held, in place.
  package func write(_ content: [UInt8]) throws {
    let file = try FileSystemCalls.open(
      self, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o644))
    try file.write(all: content[...], path: self)
    try file.close(reporting: self)
  }

  package func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// All bytes of the file.
  package func read() throws -> [UInt8] {
    try FileSystemCalls.contents(of: self, limit: 1 << 30)
  }

  /// Sets the time of last modification, in nanoseconds since 1970.
  package func setModified(_ nanoseconds: Int64) throws {
    let file = try FileSystemCalls.open(self, .readOnly)
    defer { try? file.close() }  // nothing was written through it
    try file.setModified(nanoseconds, path: self)
  }

  /// Makes the file look as if it had been written long ago, so that its status is evidence.
  package func age() throws {
    try setModified(WallClock.now() - 60_000_000_000)
  }

  package func setPermissions(_ permissions: Int) throws {
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: string)
  }

  /// Gives the file to this user and group, which only root may.
  package func setOwner(user: Int, group: Int) throws {
    try FileManager.default.setAttributes(
      [.ownerAccountID: user, .groupOwnerAccountID: group], ofItemAtPath: string)
  }

  package var status: FileStatus { get throws { try FileStatus(at: self) } }

  package var exists: Bool { get throws { try FileSystemCalls.exists(self) } }

  /// The names in the directory, sorted.
  package var names: [String] {
    get throws {
      try DirectoryListing.names(in: self).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }
  }
}
