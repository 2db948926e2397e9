// SPDX-License-Identifier: Apache-2.0

import BlobStore
import LinuxFiles
import SystemPackage

/// The directory that a killed restore left beside its destination: its owner's lock file names it.
struct AbandonedRestore {
  private let staging: FilePath

  /// What a restore's directory has after the destination's name until it is complete.
  static func suffix(of owner: OwnerToken) -> String { ".ckptfs-restore-\(owner)" }

  /// - Parameter lock: the file of `owner`, who is dead.
  /// - Returns: `nil` when the owner made none, or when what the file says is no such directory.
  init?(lock: FilePath, of owner: OwnerToken) throws {
    let bytes = try FileSystemCalls.contents(of: lock, limit: 4096)
    guard !bytes.isEmpty, !bytes.contains(0) else { return nil }
    let path = FilePath(String(decoding: bytes, as: UTF8.self))
    // Whatever else the file says, nothing of another name is ever removed.
    guard path.isAbsolute, path.lexicallyNormalized() == path,
      path.lastComponent?.string.hasSuffix(Self.suffix(of: owner)) == true,
      // Where its parent is gone or out of reach, there is nothing that could be removed.
      let status = try? FileStatus(at: path), status.kind == .directory
    else { return nil }
    staging = path
  }

  /// Removes what all dead owners left, but for what this process may not remove: that stays for who may.
  ///
  /// - Returns: how many there were.
  @discardableResult
  static func removeAll(_ layout: StoreLayout) throws -> Int {
    var removed = 0
    for name in try DirectoryListing.names(in: layout.locks) {
      guard let owner = OwnerToken(String(decoding: name, as: UTF8.self)) else { continue }
      let path = layout.lock(of: owner)
      // A file that goes meanwhile was a living one's.
      guard try FileStatus(ifPresent: path).map({ $0.size > 0 }) == true,
        try !FileLock.isHeld(path)
      else { continue }
      if let abandoned = try AbandonedRestore(lock: path, of: owner), abandoned.remove() {
        removed += 1
      }
    }
    return removed
  }

  private func remove() -> Bool {
    do throws(FileError) {
      try FileSystemCalls.removeTree(staging)
      return true
    } catch {
      return false
    }
  }
}
