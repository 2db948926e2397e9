// SPDX-License-Identifier: Apache-2.0

/// How the content of a file comes into the store.
package enum IngestMode: Hashable, Sendable {
  /// Reflink, else, where `linking` allows it, a hard link, else a copy.
  case automatic(linking: Bool)
  case reflink
  case link
  case copy
}
