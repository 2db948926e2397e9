// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// A directory with a `_metadata` that cannot be read, or that one may not look into: it is not shown.
package struct DamagedCheckpoint: Hashable, Sendable {
  package let directory: FilePath
  /// One line: what is wrong, at which byte.
  package let message: String
  /// The file ends too early: somebody may still be writing it.
  package let isTruncated: Bool
}
