// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Foundation
import LinuxFiles
package import SystemPackage

/// A directory with a store and all that belongs to one run; removed when the last reference goes.
package final class Site: Sendable {
  package let root: FilePath
  /// Where actors are told what to do and tell what they did.
  let reports: FilePath
  /// Removed with the site: the root, unless something else holds that.
  private let owned: FilePath?
  package let store: FilePath

  /// In memory where that is possible: a killed process loses nothing that it wrote, synced or not.
  package init() throws {
    root = Self.newRoot()
    (reports, owned) = (root, root)
    store = root.appending("store")
    try FileSystemCalls.makeDirectory(root)
  }

  /// The root of a file system whose power is cut; what actors tell is not lost with it.
  init(on disk: LoopFileSystem) {
    (root, reports, owned) = (disk.root, disk.outside, nil)
    store = root.appending("store")
  }

  /// A site that is as another is now, hard links included.
  init(copying other: Site) throws {
    root = Self.newRoot()
    (reports, owned) = (root, root)
    store = root.appending("store")
    try FileTree.copy(other.root, to: root)
  }

  static func newRoot() -> FilePath {
    let memory = "/dev/shm"
    let parent =
      FileManager.default.isWritableFile(atPath: memory)
      ? memory : FileManager.default.temporaryDirectory.path
    return FilePath("\(parent)/ckptfs-crash-\(UUID().uuidString.prefix(8))")
  }

  /// Where an actor's sources lie.
  package func work(of actor: String) -> FilePath { root.appending("work-\(actor)") }

  /// For what a command puts in `$TMPDIR`.
  var temporary: FilePath { root.appending("temporary") }

  /// Where a restore goes.
  package func destination(_ name: String) -> FilePath { root.appending("restored-\(name)") }

  /// Where a content of the store lies.
  func path(of blob: BlobName) -> FilePath {
    let name = blob.description
    // Made at once: a debug build of FilePath takes its time for each component.
    return FilePath("\(store.string)/blobs/\(name.prefix(2))/\(name)")
  }

  deinit {
    // What stays behind harms no other run.
    if let owned { try? FileTree.remove(owned) }
  }
}
