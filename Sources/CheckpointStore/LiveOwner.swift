// SPDX-License-Identifier: Apache-2.0

import BlobStore
import LinuxFiles
import Synchronization
import SystemPackage

/// Somebody who has something in flight, alive as long as this is.
struct LiveOwner: ~Copyable, Sendable {
  let token: OwnerToken
  private let lock: FileLock
  private let noted = Mutex<FilePath?>(nil)

  /// A new owner, alive by its lock from before anybody can know of it.
  init(_ layout: StoreLayout) throws(FileError) {
    while true {
      let token = OwnerToken()
      // Somebody else's hold on a lock file this new is gc's, looking whether it is a dead one's.
      if let lock = try FileLock(.exclusive, path: layout.lock(of: token)) {
        self.token = token
        self.lock = lock
        return
      }
    }
  }

  /// Writes down, for whoever finds this owner dead, what it is about to make outside of the store.
  func note(_ directory: FilePath) throws(FileError) {
    let parent = try FileSystemCalls.resolve(directory.parentDirectory)
    let place = directory.lastComponent.map(parent.appending) ?? parent
    noted.withLock { $0 = place }
    let file = try FileSystemCalls.open(
      lock.path, .writeOnly, options: [.truncate, .noFollow, .closeOnExec])
    do throws(FileError) {
      try file.write(all: Array(place.string.utf8)[...], path: lock.path)
      try file.sync(lock.path)
    } catch {
      try? file.close()  // the first error is the one to tell
      throw error
    }
    try file.close(reporting: lock.path)
  }

  /// Ends its life and removes its lock file. Letting it go does the same; this tells what fails.
  consuming func leave() throws(FileError) {
    try removeLock()
  }

  deinit {
    // While still locked, so that nobody can take the file for a dead owner's. What stays is gc's.
    try? removeLock()
  }

  /// Not where what it had noted is still there, as it could not be removed: whoever collects next finds it by this file.
  private func removeLock() throws(FileError) {
    if let place = noted.withLock(\.self), try FileSystemCalls.exists(place) { return }
    try FileSystemCalls.unlinkIfPresent(lock.path)
  }
}
