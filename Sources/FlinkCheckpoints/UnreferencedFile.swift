// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import SystemPackage

/// A file that no retained checkpoint below the directory uses. Others elsewhere may.
package struct UnreferencedFile: Hashable, Sendable {
  /// Below the directory.
  package let path: FilePath
  /// In bytes.
  package let size: UInt64
  package let modified: Timestamp
}
