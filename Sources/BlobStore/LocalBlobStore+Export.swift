// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
package import LinuxFiles
package import SystemPackage

extension LocalBlobStore {
  package func link(_ name: BlobName, as target: FileLocation) throws(BlobStoreError) -> Bool {
    do throws(FileError) {
      try FileLocation(path(of: name)).link(as: target)
      return true
    } catch {
      switch error.errno {
      case .improperLink, .notPermitted, .tooManyLinks: return false
      default: throw BlobStoreError(error)
      }
    }
  }

  /// Gives a blob's file another name in the store, beside the one that it has. Durable on return.
  package func link(_ name: BlobName, as other: BlobName) throws(BlobStoreError) {
    precondition(name.digest == other.digest, "a blob's name tells its content")
    let path = path(of: other)
    do throws(FileError) {
      try FileSystemCalls.link(self.path(of: name), as: path)
      try FileSystemCalls.syncDirectory(path.removingLastComponent())
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func refer(to name: BlobName, from path: FilePath) throws(BlobStoreError) {
    let file: FilePath
    do throws(FileError) {
      file = try FileSystemCalls.resolve(self.path(of: name))
    } catch {
      throw BlobStoreError(reading: error)
    }
    do throws(FileError) {
      try FileSystemCalls.makeSymbolicLink(path, to: file)
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func export(
    _ name: BlobName, to target: FileLocation, mode: ExportMode, modified: Timestamp,
    owner: Ownership, progress: (Int) -> Void
  ) throws(BlobStoreError) {
    let source = path(of: name)
    do throws(any Error) {
      let file = try FileSystemCalls.open(
        source, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
      defer { try? file.close() }  // nothing was written through it
      let (copy, path) = (try Self.create(target), target.path)
      do throws(any Error) {
        try fill(copy, path, from: file, name, mode, progress)
        try copy.setOwnerIfAllowed(owner, path: path)
        try copy.setModified(modified.nanoseconds, path: path)
        try Steps.perform(.syncRestoredFile) { try copy.sync(path) }
      } catch {
        try? copy.close()  // the first error is the one to tell
        throw error
      }
      try copy.close(reporting: path)
    } catch {
      if let error = error as? FileError, error.path == source {
        throw BlobStoreError(reading: error)
      }
      throw BlobStoreError(error)
    }
  }

  private func fill(
    _ copy: FileDescriptor, _ target: FilePath, from file: FileDescriptor, _ name: BlobName,
    _ mode: ExportMode, _ progress: (Int) -> Void
  ) throws {
    let isClone = mode == .copy ? false : try copy.clone(file, path: target)
    if mode == .reflink {
      guard isClone else {
        throw BlobStoreError(
          .notPossible,
          "cannot reflink to '\(target)': its file system, or the store's, cannot; use --mode auto")
      }
      return
    }
    // Bytes are checked where they leave, too, in whatever way.
    let digest =
      isClone
      ? try read(copy, target, progress) { (_) throws(FileError) in }
      : try read(file, path(of: name), progress) { (chunk) throws(FileError) in
        try copy.write(all: chunk, path: target)
      }
    guard digest == name.digest else {
      throw BlobStoreError(
        .corrupt,
        "blob \(name) has another content than its name says; run 'ckptfs fsck --read-data'")
    }
  }

  package func digest(
    of name: BlobName, progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> Digest {
    do throws(FileError) {
      return try hash(path(of: name), progress)
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func contents(
    of name: BlobName, limit: Int
  ) throws(BlobStoreError) -> [UInt8] {
    do throws(FileError) {
      return try FileSystemCalls.contents(of: path(of: name), limit: limit)
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func setModified(
    _ name: BlobName, to time: Timestamp
  ) throws(BlobStoreError) {
    do throws(FileError) {
      try setModified(path(of: name), to: time)
      try sync(path(of: name))
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func sync(_ name: BlobName) throws(BlobStoreError) {
    do throws(FileError) {
      try sync(path(of: name))
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  func setModified(_ path: FilePath, to time: Timestamp) throws(FileError) {
    let file = try FileSystemCalls.open(path, .readOnly, options: [.closeOnExec, .noFollow])
    defer { try? file.close() }  // who needs it durable syncs it
    try file.setModified(time.nanoseconds, path: path)
  }
}

extension FileDescriptor {
  /// Only root may give files away; a restore by others owns what it made, as with `cp -a`.
  fileprivate func setOwnerIfAllowed(_ owner: Ownership, path: FilePath) throws(FileError) {
    do throws(FileError) {
      try setOwner(user: owner.user, group: owner.group, path: path)
    } catch {
      if error.errno != .notPermitted { throw error }
    }
  }
}
