// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// The directory of a database that another process may be writing. Nothing here changes it.
struct LiveDirectory {
  /// What is in it, by name alone.
  struct Listing {
    var tablesAndBlobs: [String] = []
    var logs: [FileNumber] = []
    var options: FileNumber?
    /// What is not RocksDB's.
    var foreign: [String] = []

    /// What gets a second name, so that it stays.
    var pinned: [String] { tablesAndBlobs + logs.map(\.logName) }
  }

  let path: FilePath

  /// - Throws: ``Unsettled`` where CURRENT is being replaced; code `changed` where the database is gone.
  func currentManifest() throws -> FileNumber {
    do throws(RocksDirectoryError) {
      return try CurrentFile(in: path).manifest
    } catch {
      if case .notADatabase = error {
        throw SnapshotError(
          .changed,
          "'\(path)' is no RocksDB directory any more: it lost its CURRENT while the "
            + "snapshot was taken; was the database destroyed?", cause: error)
      }
      throw refusal(error)
    }
  }

  /// Names that come or go meanwhile may or may not be among them; those that stay are.
  func list() throws -> Listing {
    var listing = Listing()
    for bytes in try DirectoryListing.names(in: path) {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        listing.foreign.append(String(decoding: bytes, as: UTF8.self))
        continue
      }
      switch DirectoryEntry(name) {
      case .table, .blob: listing.tablesAndBlobs.append(name)
      case .log(let number): listing.logs.append(number)
      case .options(let number): listing.options = max(number, listing.options ?? number)
      case .foreign: listing.foreign.append(name)
      case .manifest, .current, .identity, .lock, .infoLog, .temporary: break
      }
    }
    return listing
  }

  /// The settings that the program which has it open wrote down, with the bytes of the file.
  func settings(_ number: FileNumber) throws -> [UInt8] {
    try meetingChange {
      try FileSystemCalls.contents(
        of: path.appending(number.optionsName), limit: DatabaseSettings.sizeLimit)
    }
  }

  /// Makes `link` a second name of the file `name`.
  ///
  /// - Returns: `false` when there is no such file (any more).
  func link(_ name: String, as link: FilePath) throws -> Bool {
    let file = path.appending(name)
    do throws(FileError) {
      try FileSystemCalls.link(file, as: link)
      return true
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory: return false
      case .improperLink:
        throw SnapshotError(
          .unsupported,
          "'\(file)' cannot be linked into '\(link.removingLastComponent())', which lies on another "
            + "file system or mount; name a directory on the database's with --work-directory",
          cause: error)
      case .notPermitted, .permissionDenied:
        throw SnapshotError(
          .io,
          "'\(file)' cannot be linked into '\(link.removingLastComponent())': \(error.errno); run as "
            + "the database's user or root, with a --work-directory that it may write to",
          cause: error)
      default: throw error
      }
    }
  }

  /// Does `body`, which reads metadata of the database or of a copy of it, with what it throws translated.
  func judging<Result>(
    _ body: () throws(RocksDirectoryError) -> Result
  ) throws -> Result {
    do throws(RocksDirectoryError) {
      return try body()
    } catch {
      throw refusal(error)
    }
  }

  /// What `error` amounts to while the database is being written.
  private func refusal(_ error: RocksDirectoryError) -> any Error {
    switch error {
    case .io(let file, .noSuchFileOrDirectory):
      Unsettled("'\(original(file))' was removed")
    case .corrupt(let file, let offset, let reason):
      Unsettled(
        lasting: SnapshotError(
          .damaged,
          "'\(original(file))' is damaged at byte \(offset): \(reason); the database may not open any "
            + "more once it is closed: let its program make a checkpoint, or a backup, now",
          cause: error))
    case .unsupported(let file, let offset, let reason):
      SnapshotError(
        .unsupported,
        "'\(original(file))' cannot be judged, from byte \(offset) on: \(reason); let the program make a "
          + "checkpoint and commit that", cause: error)
    case .notADatabase, .io: SnapshotError(.io, error.description, cause: error)
    }
  }

  /// The file that a copy or second name is of.
  private func original(_ file: FilePath) -> FilePath {
    file.lastComponent.map { path.appending($0) } ?? file
  }
}

/// Does `body`; a file that is gone meanwhile calls for another try.
func meetingChange<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileError where error.errno == .noSuchFileOrDirectory {
    throw Unsettled("'\(error.path)' was removed")
  }
}
