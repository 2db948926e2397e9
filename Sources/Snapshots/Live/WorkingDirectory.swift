// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// A directory that one snapshot works in and that is removed after it.
struct WorkingDirectory {
  /// Belongs to snapshots of this kind alone: what is found there is left over.
  let path: FilePath

  /// Makes the directory, does `body`, and removes it whatever came of it.
  ///
  /// - Parameter body: is given what the user should know, each on a line.
  /// - Throws: code `busy` when another snapshot uses the path now.
  func use<Result>(_ body: (_ warnings: [String]) throws -> Result) throws -> Result {
    let file = FilePath(path.string + ".lock")
    guard let lock = try FileLock(.exclusive, path: file) else {
      throw SnapshotError(
        .busy,
        "'\(path)' is in use by another snapshot; wait for it, or name another working "
          + "directory")
    }
    let result = Swift.Result { try useLocked(body) }
    // A name left over does no harm; the next snapshot locks and removes it.
    try? lock.remove()
    return try result.get()
  }

  private func useLocked<Result>(_ body: ([String]) throws -> Result) throws -> Result {
    var warnings: [String] = []
    if try FileSystemCalls.exists(path) {
      try FileSystemCalls.removeTree(path)
      warnings = ["removed '\(path)', which a snapshot that did not end had left"]
    }
    // What cannot be removed now, the next snapshot removes with a warning; the body's outcome matters more.
    defer { try? FileSystemCalls.removeTree(path) }
    try FileSystemCalls.makeDirectory(path, permissions: 0o700)
    return try body(warnings)
  }
}
