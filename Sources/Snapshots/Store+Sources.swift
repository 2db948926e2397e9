// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import LinuxFiles
import SystemPackage

extension Store {
  /// The absolute path, without links, of a directory that may be committed.
  ///
  /// - Throws: code `notFound`, or `invalid` when it is none, or when it and the store overlap.
  func committable(_ directory: FilePath) throws -> FilePath {
    let source: FilePath
    do throws(FileError) {
      source = try FileSystemCalls.resolve(directory)
    } catch {
      guard error.errno == .noSuchFileOrDirectory else { throw error }
      throw SnapshotError(
        .notFound, "there is no directory '\(directory)'; name an existing one", cause: error)
    }
    guard try FileStatus(at: source).kind == .directory else {
      throw SnapshotError(
        .invalid, "'\(directory)' is no directory; name the directory of a checkpoint or database")
    }
    try refuseOverlap(source)
    return source
  }

  /// Refuses a directory that is in the store or around it.
  ///
  /// - Parameter source: an absolute path without links; it need not exist.
  func refuseOverlap(_ source: FilePath) throws {
    let own = try FileSystemCalls.resolve(path)
    guard source.starts(with: own) || own.starts(with: source) else { return }
    throw SnapshotError(
      .invalid,
      "'\(source)' and the store '\(path)' overlap; choose a directory outside of the store "
        + "that does not hold it")
  }
}
