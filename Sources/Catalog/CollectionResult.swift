// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What a step of collection has taken out of the catalog; the files are still to be removed.
package struct CollectionResult: Sendable {
  package var blobs: [BlobName] = []
  /// How many of them held contents, not pages.
  package var contents = 0
  /// The bytes of the contents.
  package var bytes: UInt64 = 0
  /// The greatest incarnation looked at.
  package var last: Incarnation?
  /// Whether there may be more to take.
  package var isComplete = true
}
