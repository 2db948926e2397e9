// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// A blob whose bytes were found right.
package struct Reading: Hashable, Sendable {
  package let name: BlobName
  /// As in ``LastReading/changed``, from before the first byte was read.
  package let changed: Timestamp

  package init(name: BlobName, changed: Timestamp) {
    self.name = name
    self.changed = changed
  }
}
