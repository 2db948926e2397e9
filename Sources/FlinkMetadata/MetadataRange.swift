// SPDX-License-Identifier: Apache-2.0

/// Bytes of a `_metadata`, which stay in the file until somebody wants them.
package struct MetadataRange: Hashable, Sendable {
  /// From the beginning of the file.
  package let offset: UInt64
  package let count: UInt64

  package init(offset: UInt64, count: UInt64) {
    self.offset = offset
    self.count = count
  }
}
