// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
package import SystemPackage

/// A directory with a store and all that belongs to one run; removed when the last reference goes.
package final class Site: Sendable {
  package let root: FilePath
  package var store: FilePath { root.appending("store") }

  /// In memory where that is possible: a killed process loses nothing that it wrote, synced or not.
  package init() throws {
    root = Self.newRoot()
    try FileSystemCalls.makeDirectory(root)
  }

  /// A site that is as another is now, hard links included.
  init(copying other: Site) throws {
    root = Self.newRoot()
    try FileTree.copy(other.root, to: root)
  }

  private static func newRoot() -> FilePath {
    let memory = "/dev/shm"
    let parent =
      FileManager.default.isWritableFile(atPath: memory)
      ? memory : FileManager.default.temporaryDirectory.path
    return FilePath("\(parent)/ckptfs-crash-\(UUID().uuidString)")
  }

  /// Where an actor's sources lie.
  package func work(of actor: String) -> FilePath { root.appending("work-\(actor)") }

  /// Where a restore goes.
  package func destination(_ name: String) -> FilePath { root.appending("restored-\(name)") }

  deinit {
    // What stays behind harms no other run.
    try? FileTree.remove(root)
  }
}
