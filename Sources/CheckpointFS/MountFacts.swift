// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What a mount is told of the process that makes it.
package struct MountFacts: Sendable {
  /// Of ckptfs, as `status.json` shows it.
  package let version: String
  package let processID: Int32
  /// An absolute path, without links and "..".
  package let mountPoint: String
  package let mounted: Timestamp
  /// Who owns what no commit brought: the root, histories, tags, links and `.ckptfs`.
  package let owner: Ownership

  /// How many files the process may have open.
  package let openFileLimit: Int

  package init(
    version: String, processID: Int32, mountPoint: String, mounted: Timestamp, owner: Ownership,
    openFileLimit: Int
  ) {
    self.version = version
    self.processID = processID
    self.mountPoint = mountPoint
    self.mounted = mounted
    self.owner = owner
    self.openFileLimit = openFileLimit
  }
}
