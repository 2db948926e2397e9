// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

/// A content that was taken in and hashed, but has no name in the store yet.
///
/// It is removed when the last reference goes, unless it was placed.
package final class StagedBlob: Sendable {
  package let content: Content
  /// Who owned the source.
  package let owner: Ownership
  /// That of the file in the store: of a link the source's, of a copy ours.
  package let access: FileAccess
  /// What the source looked like when it was hashed; `nil` for bytes that came from no file.
  package let evidence: Evidence?
  /// Whether it is the source's own inode.
  package let isLinked: Bool
  let path: FilePath
  private let isPlaced = Atomic<Bool>(false)

  init(
    content: Content, owner: Ownership, access: FileAccess, evidence: Evidence?, isLinked: Bool,
    path: FilePath
  ) {
    self.content = content
    self.owner = owner
    self.access = access
    self.evidence = evidence
    self.isLinked = isLinked
    self.path = path
  }

  func markPlaced() { isPlaced.store(true, ordering: .relaxed) }

  deinit {
    if !isPlaced.load(ordering: .relaxed) {
      // What cannot be removed now is removed with its staging area, at the latest by gc.
      try? FileSystemCalls.unlinkIfPresent(path)
    }
  }
}
