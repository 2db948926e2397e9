// SPDX-License-Identifier: Apache-2.0

/// A whole file that holds state, in the directory of the `_metadata` that is being read.
package struct RelativeStateFile: Hashable, Sendable {
  package let path: String
  /// In bytes.
  package let size: UInt64
}
