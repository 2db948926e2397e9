// SPDX-License-Identifier: Apache-2.0

/// A blob of the store, as a check needs it.
package struct StoredBlob: Hashable, Sendable {
  package let record: BlobRecord
  package let kind: BlobKind
  /// When its bytes were last found right; `nil` for never.
  package let lastReading: LastReading?

  package init(record: BlobRecord, kind: BlobKind, lastReading: LastReading?) {
    self.record = record
    self.kind = kind
    self.lastReading = lastReading
  }
}
