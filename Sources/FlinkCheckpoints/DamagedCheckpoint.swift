// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// A directory with a `_metadata` that cannot be read: it is not shown.
package struct DamagedCheckpoint: Sendable {
  package let directory: FilePath
  /// One line: what is wrong, at which byte.
  package let message: String
  /// The file ends too early: somebody may still be writing it.
  package let isTruncated: Bool
}
