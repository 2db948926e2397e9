// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Synchronization
import SystemPackage

/// A directory for one owner's staged contents; removed when the last reference goes.
package final class StagingArea: Sendable {
  package let owner: OwnerToken
  let path: FilePath
  private let count = Atomic<Int>(0)

  init(owner: OwnerToken, path: FilePath) throws(BlobStoreError) {
    self.owner = owner
    self.path = path
    do throws(FileError) {
      // What is staged is durable only once it is placed, so the name of a lost `staging` that is made anew need not be.
      try FileSystemCalls.makeDirectoryIfAbsent(path.removingLastComponent(), permissions: 0o700)
      try FileSystemCalls.makeDirectory(path, permissions: 0o700)
    } catch {
      throw BlobStoreError(error)
    }
  }

  func nextPath() -> FilePath {
    path.appending(String(count.add(1, ordering: .relaxed).newValue))
  }

  deinit {
    // Still holding something means that removing that failed: gc does it later.
    try? FileSystemCalls.removeDirectory(path)
  }
}
