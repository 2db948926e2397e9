// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

extension LocalBlobStore {
  package func quarantine(_ name: BlobName) throws(BlobStoreError) -> Bool {
    let path = path(of: name)
    do throws(FileError) {
      if try FileSystemCalls.makeDirectoryIfAbsent(layout.quarantine, permissions: 0o700) {
        try FileSystemCalls.syncDirectory(layout.quarantine.removingLastComponent())
      }
      try Steps.perform(.quarantineBlob) { () throws(FileError) in
        try FileSystemCalls.renameExclusively(path, to: quarantinedPath(of: name))
      }
      // The new name first: with the old one durably gone alone, a power cut would lose the file.
      try Steps.perform(.syncQuarantine) { () throws(FileError) in
        try FileSystemCalls.syncDirectory(layout.quarantine)
      }
      try Steps.perform(.syncBlobDirectory) { () throws(FileError) in
        try FileSystemCalls.syncDirectory(path.removingLastComponent())
      }
      return true
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory, .fileExists: return false
      default: throw BlobStoreError(error)
      }
    }
  }

  package func putBack(_ name: BlobName) throws(BlobStoreError) {
    let path = path(of: name)
    do throws(FileError) {
      // What was read may have been the kernel's pages only.
      try sync(quarantinedPath(of: name))
      try shelve(path) { () throws(FileError) in
        try FileSystemCalls.renameExclusively(quarantinedPath(of: name), to: path)
      }
      for directory in [path.removingLastComponent(), layout.quarantine] {
        try FileSystemCalls.syncDirectory(directory)
      }
      try syncShelfNames()
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func isQuarantined(_ name: BlobName) throws(BlobStoreError) -> Bool {
    do throws(FileError) {
      return try FileSystemCalls.exists(quarantinedPath(of: name))
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func digest(
    ofQuarantined name: BlobName, progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> Digest {
    do throws(FileError) {
      return try hash(quarantinedPath(of: name), progress)
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func quarantined() throws(BlobStoreError) -> [BlobName] {
    do throws(FileError) {
      guard try FileSystemCalls.exists(layout.quarantine) else { return [] }
      return try DirectoryListing.names(in: layout.quarantine).compactMap {
        BlobName(String(decoding: $0, as: UTF8.self))
      }
    } catch {
      throw BlobStoreError(reading: error)
    }
  }

  package func removeQuarantined(_ names: [BlobName]) throws(BlobStoreError) {
    do throws(FileError) {
      guard try FileSystemCalls.exists(layout.quarantine) else { return }
      var removed = false
      for name in names {
        let path = quarantinedPath(of: name)
        guard try FileSystemCalls.exists(path) else { continue }
        try FileSystemCalls.removeTree(path)
        removed = true
      }
      if removed { try FileSystemCalls.syncDirectory(layout.quarantine) }
    } catch {
      throw BlobStoreError(error)
    }
  }

  package func total(ofQuarantined names: [BlobName]) -> FileTotal {
    Self.total(of: names.map(quarantinedPath))
  }

  private func quarantinedPath(of name: BlobName) -> FilePath { layout.quarantinedPath(of: name) }
}
