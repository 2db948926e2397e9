// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
package import SystemPackage

/// A directory with a store and all that belongs to one run; removed when the last reference goes.
package final class Site: Sendable {
  package let root: FilePath
  package var store: FilePath { root.appending("store") }

  /// - Parameter onDisk: on a real file system, not in memory: where calls to sync do something.
  package init(onDisk: Bool = false) throws {
    let memory = FilePath("/dev/shm")
    let temporary = FilePath(FileManager.default.temporaryDirectory.path)
    let parent =
      !onDisk && FileManager.default.isWritableFile(atPath: memory.string) ? memory : temporary
    root = parent.appending("ckptfs-crash-\(UUID().uuidString)")
    try FileSystemCalls.makeDirectory(root)
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
