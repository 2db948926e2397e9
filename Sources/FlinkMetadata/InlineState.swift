// SPDX-License-Identifier: Apache-2.0

/// State whose bytes are in `_metadata`.
package struct InlineState: Hashable, Sendable {
  /// Often the path that a file would have had; there is none.
  package let name: String
  package let content: MetadataRange
}
