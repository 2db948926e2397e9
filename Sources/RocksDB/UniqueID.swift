// SPDX-License-Identifier: Apache-2.0

/// The identity RocksDB gives a table when it writes it; 128 bits in the MANIFEST.
///
/// Not an identity of content: ingesting one external file twice gives equal ids and other bytes.
package struct UniqueID: Hashable, Sendable {
  package let first: UInt64
  package let second: UInt64

  package init(first: UInt64, second: UInt64) {
    self.first = first
    self.second = second
  }
}
