// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
package import SystemPackage

/// A new directory for a test, removed with all that it holds when the last reference goes.
///
/// It lies below `CKPTFS_TEST_DIRECTORY`, or /var/tmp: unlike /tmp that is a real file system on most machines.
package final class ScratchDirectory: Sendable {
  package let path: FilePath

  package init() throws {
    let parent = FilePath(environment("CKPTFS_TEST_DIRECTORY") ?? "/var/tmp")
    path = parent.appending("ckptfs-test-\(String(UInt64.random(in: .min ... .max), radix: 36))")
    try FileSystemCalls.makeDirectory(path)
  }

  deinit {
    // What is left behind hurts no other test.
    try? FileSystemCalls.removeTree(path)
  }

  /// Makes a directory in it.
  package func directory(_ name: String) throws -> FilePath {
    let directory = path.appending(name)
    try FileSystemCalls.makeDirectory(directory)
    return directory
  }
}
