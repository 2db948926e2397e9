// SPDX-License-Identifier: Apache-2.0

/// A file of a RocksDB directory.
package struct NamedFile: Hashable, Sendable {
  /// The name RocksDB knows it by, `000012.sst`: one component of a path, unique in its directory.
  package let name: String
  package let handle: StreamHandle
}
