// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import LinuxFiles
package import SystemPackage

extension LocalBlobStore {
  package func stage(
    _ source: FileLocation, mode: IngestMode, in area: StagingArea,
    progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> StagedBlob {
    try stage(source, mode: mode, modified: nil, in: area, progress: progress)
  }

  package func stageCopy(
    of source: FilePath, modified: Timestamp, in area: StagingArea,
    progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> StagedBlob {
    try stage(
      FileLocation(source), mode: .automatic(linking: false), modified: modified, in: area,
      progress: progress)
  }

  private func stage(
    _ source: FileLocation, mode: IngestMode, modified: Timestamp?, in area: StagingArea,
    progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> StagedBlob {
    let started = Timestamp(nanoseconds: WallClock.now())
    let path = area.nextPath()
    do throws(any Error) {
      // Neither through a link nor waiting for who writes into a pipe, should one have taken its place.
      let file = try source.open(.readOnly, options: [.nonBlocking])
      defer { try? file.close() }  // nothing was written through it
      let before = try FileStatus(of: file, at: source.path)
      guard before.kind == .regular else {
        throw BlobStoreError(.sourceChanged, "'\(source.path)' is no regular file any more")
      }
      let digest = try takeIn(file, source, before, mode, at: path, progress)
      let after = try FileStatus(of: file, at: source.path)
      guard after.isUnchanged(since: before),
        try source.status()?.isUnchanged(since: before) == true
      else {
        throw BlobStoreError(.sourceChanged, "'\(source.path)' changed while it was read")
      }
      if let modified { try setModified(path, to: modified) }
      // The store's file system may keep times less finely than the source's.
      let kept = try FileStatus(at: path)
      return StagedBlob(
        content: Content(
          digest: digest, size: before.size, modified: Timestamp(nanoseconds: kept.modified)),
        owner: Ownership(user: before.user, group: before.group), access: FileAccess(kept),
        evidence: Evidence(before, hashStarted: started),
        isLinked: kept.isOfSameFile(as: before), path: path)
    } catch {
      try? FileSystemCalls.unlinkIfPresent(path)  // else it goes with the staging area
      throw BlobStoreError(error)
    }
  }

  package func stage(
    _ content: [UInt8], in area: StagingArea
  ) throws(BlobStoreError) -> StagedBlob {
    let path = area.nextPath()
    do throws(any Error) {
      let status = try FileSystemCalls.write(path, options: [.create, .exclusiveCreate]) { file in
        try file.write(all: content[...], path: path)
        file.startWriteback()
        return try FileStatus(of: file, at: path)
      }
      return StagedBlob(
        content: Content(
          digest: Digest(hashing: content), size: status.size,
          modified: Timestamp(nanoseconds: status.modified)),
        owner: Ownership(user: status.user, group: status.group), access: FileAccess(status),
        evidence: nil, isLinked: false, path: path)
    } catch {
      throw BlobStoreError(error)
    }
  }

  private func takeIn(
    _ file: FileDescriptor, _ source: FileLocation, _ status: FileStatus, _ mode: IngestMode,
    at path: FilePath, _ progress: (Int) throws(CancellationError) -> Void
  ) throws -> Digest {
    switch mode {
    case .automatic(let linking):
      if try clone(file, status, at: path) { return try hash(path, progress) }
      if linking, try link(source, status, at: path) { return try hash(path, progress) }
      return try copy(file, source.path, status, to: path, progress)
    case .reflink:
      guard try clone(file, status, at: path) else {
        throw BlobStoreError(
          .notPossible,
          "cannot reflink '\(source.path)': its file system, or the store's, cannot; "
            + "use --ingest auto")
      }
      return try hash(path, progress)
    case .link:
      guard try link(source, status, at: path) else {
        throw BlobStoreError(
          .notPossible,
          "cannot hard-link '\(source.path)': it lies on another file system, belongs to "
            + "somebody else or has too many links; use --ingest auto")
      }
      return try hash(path, progress)
    case .copy:
      return try copy(file, source.path, status, to: path, progress)
    }
  }

  private func clone(
    _ file: FileDescriptor, _ status: FileStatus, at path: FilePath
  ) throws(FileError) -> Bool {
    let staged = try Self.create(FileLocation(path))
    defer { try? staged.close() }  // `place` syncs it and tells of every failed write
    guard try staged.clone(file, path: path) else {
      try FileSystemCalls.unlink(path)
      return false
    }
    try staged.setModified(status.modified, path: path)
    return true
  }

  private func link(
    _ source: FileLocation, _ status: FileStatus, at path: FilePath
  ) throws -> Bool {
    do throws(FileError) {
      try source.link(as: FileLocation(path))
    } catch {
      switch error.errno {
      case .improperLink, .notPermitted, .tooManyLinks, .notSupported: return false
      default: throw error
      }
    }
    // The name was linked, which need not be the file that was opened.
    guard try FileStatus(at: path).isUnchanged(since: status) else {
      throw BlobStoreError(.sourceChanged, "'\(source.path)' was replaced while it was read")
    }
    return true
  }

  private func copy(
    _ file: FileDescriptor, _ source: FilePath, _ status: FileStatus, to path: FilePath,
    _ progress: (Int) throws(CancellationError) -> Void
  ) throws -> Digest {
    try FileSystemCalls.write(path, options: [.create, .exclusiveCreate]) { staged in
      let digest = try read(file, source, progress) { (chunk) throws(FileError) in
        try staged.write(all: chunk, path: path)
      }
      staged.startWriteback()
      try staged.setModified(status.modified, path: path)
      return digest
    }
  }

  func hash(_ path: FilePath, _ progress: (Int) throws(CancellationError) -> Void) throws(FileError)
    -> Digest
  {
    let file = try FileSystemCalls.open(
      path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    defer { try? file.close() }  // nothing was written through it
    return try read(file, path, progress) { (_) throws(FileError) in }
  }

  func read(
    _ file: FileDescriptor, _ path: FilePath, _ progress: (Int) throws(CancellationError) -> Void,
    _ body: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) -> Digest {
    var digest = RunningDigest()
    try file.forEachPiece(path: path) { (piece) throws(FileError) in
      digest.append(piece)
      try body(piece)
      do throws(CancellationError) {
        try progress(piece.count)
      } catch {
        throw FileError("read", path, .canceled)
      }
    }
    return digest.finish()
  }

  static func create(_ place: FileLocation) throws(FileError) -> FileDescriptor {
    try place.open(
      .readWrite, options: [.create, .exclusiveCreate],
      permissions: FilePermissions(rawValue: 0o644))
  }
}
