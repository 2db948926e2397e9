// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import LinuxFiles
import RocksDB
import SystemPackage

/// A checkpoint's directory that RocksDB makes for one commit and that is removed after it.
struct TemporaryCheckpoint {
  let database: Database
  /// Belongs to commits of this kind alone: what is found there is left over.
  let path: FilePath
  let flush: LogFlushPolicy

  /// Makes the checkpoint, does `body`, and removes the directory whatever came of it.
  ///
  /// - Parameter body: is given what the user should know, each on a line.
  /// - Throws: code `store(.busy)` when another commit uses the path now.
  func use<Result>(_ body: (_ warnings: [String]) throws -> Result) throws -> Result {
    let file = FilePath(path.string + ".lock")
    guard let lock = try FileLock(.exclusive, path: file) else {
      throw SnapshotError(
        .store(.busy),
        "'\(path)' is in use by another commit; wait for it, or name another working "
          + "directory")
    }
    let result = Swift.Result { try useLocked(body) }
    // A name left over does no harm; the next commit locks and removes it.
    try? lock.remove()
    return try result.get()
  }

  private func useLocked<Result>(_ body: ([String]) throws -> Result) throws -> Result {
    let warnings = try removeLeftovers()
    // What cannot be removed now, the next commit removes with a warning; the body's outcome matters more.
    defer { try? FileSystemCalls.removeTree(path) }
    try database.createCheckpoint(at: path, flush: flush)
    return try body(warnings)
  }

  private func removeLeftovers() throws -> [String] {
    // RocksDB makes it as the second and renames it.
    try [path, FilePath(path.string + ".tmp")].compactMap { path in
      guard try FileSystemCalls.exists(path) else { return nil }
      try FileSystemCalls.removeTree(path)
      return "removed '\(path)', which a commit that did not end had left"
    }
  }
}
