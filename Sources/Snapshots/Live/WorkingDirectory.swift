// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Glibc
import LinuxFiles
import SystemPackage

/// A directory that one snapshot works in and that is removed after it.
struct WorkingDirectory {
  /// Belongs to snapshots of this kind alone: what is found there is left over.
  let path: FilePath

  /// Makes the directory, does `body`, and removes it whatever came of it.
  ///
  /// - Parameter body: is given a path that leads to the directory, whatever takes its place meanwhile, and what the user
  ///   should know, each on a line. Errors that name that path come out with ``path``.
  /// - Throws: code `busy` when another snapshot uses the path now.
  func use<Result>(
    _ body: (_ held: FilePath, _ warnings: [String]) throws -> Result
  ) throws -> Result {
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

  private func useLocked<Result>(
    _ body: (FilePath, [String]) throws -> Result
  ) throws -> Result {
    // The database's user may be able to write around it, and this process more than he.
    let parent = try OpenDirectory(FileSystemCalls.resolve(path.removingLastComponent()))
    guard let component = path.lastComponent else { preconditionFailure("it has a name") }
    let name = FilePath(root: nil, [component]).bytes
    let place = parent.appending(name)
    var warnings: [String] = []
    if try place.status() != nil {
      try parent.removeTree(name)
      warnings = ["removed '\(path)', which a snapshot that did not end had left"]
    }
    // What cannot be removed now, the next snapshot removes with a warning; the body's outcome matters more.
    defer { try? parent.removeTree(name) }
    try place.makeDirectory(permissions: 0o700)
    let directory = try OpenDirectory(place)
    guard try directory.status().user == geteuid() else {
      throw SnapshotError(
        .changed,
        "'\(path)' was replaced by another's as soon as it was made; name a directory to which only you may write with "
          + "--work-directory")
    }
    defer { withExtendedLifetime(directory) {} }
    do {
      return try body(directory.heldPath, warnings)
    } catch {
      throw naming(error, directory)
    }
  }

  /// The error with ``path`` in the place of what leads there only now, and only in this process.
  private func naming(_ error: any Error, _ directory: OpenDirectory) -> any Error {
    func named(_ message: String) -> String {
      message.replacing(directory.heldPath.string, with: path.string)
    }
    switch error {
    case let error as FileError:
      return FileError(error.operation, naming(error.path, directory), error.errno)
    case let error as StoreError:
      return StoreError(
        error.code, named(error.message), damage: error.damage, cause: error.cause)
    default:
      let error = SnapshotError(error)
      return SnapshotError(error.code, named(error.message), cause: error.cause)
    }
  }

  private func naming(_ found: FilePath, _ directory: OpenDirectory) -> FilePath {
    var rest = found
    guard rest.removePrefix(directory.heldPath) else { return found }
    return path.appending(rest.components)
  }
}
