// SPDX-License-Identifier: Apache-2.0

/// How a blob's content is written to a file outside the store.
package enum ExportMode: Hashable, Sendable {
  /// Reflink, else a copy; read and compared with the digest in either way.
  case automatic
  /// Not read.
  case reflink
  case copy
}
