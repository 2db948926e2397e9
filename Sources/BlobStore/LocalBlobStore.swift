// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import LinuxFiles
package import SystemPackage

/// Blobs as files of a local directory, at the places of ``BlobLayout``.
package struct LocalBlobStore: BlobStore {
  /// The names of the directories in `blobs`; whatever else lies there is not ours.
  private static let shelves = Set(
    (0..<256).map { Array((($0 < 16 ? "0" : "") + String($0, radix: 16)).utf8) })

  private let root: FilePath
  let layout: BlobLayout

  /// A store in a directory that `create(at:)` prepared.
  package init(at root: FilePath) {
    self.root = root
    layout = BlobLayout(root: root)
  }

  /// Prepares `root`, which exists, for blobs. Durable on return; what is there already is kept.
  package static func create(at root: FilePath) throws(BlobStoreError) {
    let layout = BlobLayout(root: root)
    do throws(FileError) {
      let shelves = Self.shelves.map { layout.blobs.appending(bytes: $0) }
      for directory in [layout.staging, layout.blobs] + shelves {
        do throws(FileError) {
          try FileSystemCalls.makeDirectory(directory, permissions: 0o700)
        } catch  where error.errno == .fileExists {}
      }
      try FileSystemCalls.syncDirectory(layout.blobs)
      try FileSystemCalls.syncDirectory(root)
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func makeStagingArea(owner: OwnerToken) throws(BlobStoreError) -> StagingArea {
    try StagingArea(owner: owner, path: layout.staging.appending(owner.description))
  }

  package func place(
    _ blobs: [(staged: StagedBlob, name: BlobName)]
  ) throws(BlobStoreError) {
    do throws(FileError) {
      for blob in blobs {
        try Steps.perform(.syncStagedFile) { () throws(FileError) in
          try sync(blob.staged.path)
        }
      }
      var shelves: Set<FilePath> = []
      for blob in blobs {
        let path = path(of: blob.name)
        try Steps.perform(.placeBlob) { () throws(FileError) in
          try shelve(path) { () throws(FileError) in
            try FileSystemCalls.renameExclusively(blob.staged.path, to: path)
          }
        }
        blob.staged.markPlaced()
        shelves.insert(path.removingLastComponent())
      }
      for shelf in shelves {
        try Steps.perform(.syncBlobDirectory) { () throws(FileError) in
          try FileSystemCalls.syncDirectory(shelf)
        }
      }
      try syncShelfNames()
    } catch {
      throw BlobStoreError(error)
    }
  }

  func sync(_ path: FilePath) throws(FileError) {
    let file = try FileSystemCalls.open(path, .readOnly, options: [.closeOnExec, .noFollow])
    defer { try? file.close() }  // `sync` has told of every failed write
    try file.sync(path)
  }

  package func replace(_ name: BlobName, by staged: StagedBlob) throws(BlobStoreError) {
    precondition(staged.content.digest == name.digest, "a blob's name tells its content")
    let path = path(of: name)
    do throws(FileError) {
      try sync(staged.path)
      try shelve(path) { () throws(FileError) in
        try FileSystemCalls.rename(staged.path, to: path)
      }
      staged.markPlaced()
      try FileSystemCalls.syncDirectory(path.removingLastComponent())
      try syncShelfNames()
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func status(of name: BlobName) throws(BlobStoreError) -> BlobStatus? {
    do throws(FileError) {
      return try FileStatus(ifPresent: path(of: name)).map(BlobStatus.init)
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func open(
    _ name: BlobName
  ) throws(BlobStoreError) -> (file: OpenFile, status: BlobStatus)? {
    let path = path(of: name)
    do throws(FileError) {
      // Non-blocking, lest a pipe put in a blob's place should hang the reader.
      let file = try FileSystemCalls.open(
        path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
      do throws(FileError) {
        let status = try FileStatus(of: file, at: path)
        let open = OpenFile(
          owningWhole: file, length: Int64(clamping: status.size), incarnation: name.incarnation)
        return (open, BlobStatus(status))
      } catch {
        try? file.close()  // the first error is the one to tell
        throw error
      }
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw BlobStoreError(reading: error)
    }
  }

  package func remove(_ names: [BlobName]) throws(BlobStoreError) {
    do throws(FileError) {
      var shelves: Set<FilePath> = []
      for name in names {
        let path = path(of: name)
        try Steps.perform(.unlinkBlob) { () throws(FileError) in
          try FileSystemCalls.unlinkIfPresent(path)
        }
        shelves.insert(path.removingLastComponent())
      }
      for shelf in shelves {
        try Steps.perform(.syncBlobDirectory) { () throws(FileError) in
          do throws(FileError) {
            try FileSystemCalls.syncDirectory(shelf)
          } catch  where error.errno == .noSuchFileOrDirectory {
            // On a shelf that is lost lies nothing that could come back.
          }
        }
      }
    } catch {
      throw BlobStoreError(error)
    }
    try removeQuarantined(names)
  }

  package func total(of names: [BlobName]) -> FileTotal {
    var total = Self.total(of: names.map(path))
    total += self.total(ofQuarantined: names)
    return total
  }

  static func total(of paths: [FilePath]) -> FileTotal {
    var total = FileTotal()
    for path in paths {
      guard let status = try? FileStatus(ifPresent: path) else { continue }
      // What a directory in a file's place holds was never a blob.
      total += FileTotal(files: 1, bytes: status.kind == .regular ? status.size : 0)
    }
    return total
  }

  package func forEachName(_ body: (BlobName) -> Void) throws(BlobStoreError) {
    do throws(FileError) {
      for shelf in try DirectoryListing.names(in: layout.blobs)
      where Self.shelves.contains(shelf) {
        let directory = layout.blobs.appending(bytes: shelf)
        try DirectoryListing.forEachName(in: directory) { name in
          if let name = BlobName(String(decoding: name, as: UTF8.self)) { body(name) }
        }
      }
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func removeStaging(
    unless isAlive: (OwnerToken) throws -> Bool
  ) throws -> (files: Int, bytes: UInt64) {
    var removed: (files: Int, bytes: UInt64) = (0, 0)
    // Lost, it holds nothing, and is made anew by whoever stages something.
    guard try FileSystemCalls.exists(layout.staging) else { return removed }
    for name in try DirectoryListing.names(in: layout.staging) {
      let name = String(decoding: name, as: UTF8.self)
      guard let owner = OwnerToken(name), try !isAlive(owner) else { continue }
      do throws(FileError) {
        // Held, lest a link in its place should have the files of another directory removed.
        let area = try OpenDirectory(layout.staging.appending(name))
        for file in try area.names() {
          let place = area.appending(file)
          let size = try place.status()?.size ?? 0
          try area.removeTree(file)
          removed.files += 1
          removed.bytes += size
        }
        try FileSystemCalls.removeDirectory(area.path)
      } catch {
        // An owner that has just left removes its own area.
        if error.errno != .noSuchFileOrDirectory { throw error }
      }
    }
    return removed
  }

  // MARK: Shelves

  /// Whether a directory in `blobs` is called so.
  package static func isShelf(_ name: [UInt8]) -> Bool { shelves.contains(name) }

  /// Gives a file its place on a shelf: one that was lost, as a file system's own check may leave a store, is made anew.
  func shelve(
    _ path: FilePath, _ rename: () throws(FileError) -> Void
  ) throws(FileError) {
    do throws(FileError) {
      try rename()
    } catch {
      guard error.errno == .noSuchFileOrDirectory else { throw error }
      if try FileSystemCalls.makeDirectoryIfAbsent(layout.blobs, permissions: 0o700) {
        try FileSystemCalls.syncDirectory(root)
      }
      try FileSystemCalls.makeDirectoryIfAbsent(path.removingLastComponent(), permissions: 0o700)
      // If it was there, it is the file itself that is not, and this says so.
      try rename()
    }
  }

  /// Makes the names of shelves durable that were made anew, by whomever: another may be about to do so, or have died before.
  func syncShelfNames() throws(FileError) {
    if let made = try FileStatus(ifPresent: layout.marker),
      try FileStatus(at: layout.blobs).modified <= made.modified
    {
      return
    }
    try Steps.perform(.syncBlobDirectory) { () throws(FileError) in
      try FileSystemCalls.syncDirectory(layout.blobs)
    }
  }

  /// Where a blob lies; for messages that tell a person which file to look at.
  package func path(of name: BlobName) -> FilePath { layout.path(of: name) }
}
