// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

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

/// When a blob's bytes were found right.
package struct LastReading: Hashable, Sendable {
  /// Grows with each note of readings, whatever the clock does.
  package let turn: Int64
  /// When the file's inode had last changed then: nobody can write to a file, or put another in its place, without changing this.
  package let changed: Timestamp
  package let time: Timestamp

  package init(turn: Int64, changed: Timestamp, time: Timestamp) {
    self.turn = turn
    self.changed = changed
    self.time = time
  }
}

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

/// One reading of all blobs, from its beginning to its end, over as many runs as it takes.
package struct ReadingPass: Hashable, Sendable {
  /// What was read in it has a greater ``LastReading/turn``.
  package let turn: Int64
  package let began: Timestamp
  /// An earlier run began it.
  package let isResumed: Bool

  package init(turn: Int64, began: Timestamp, isResumed: Bool) {
    self.turn = turn
    self.began = began
    self.isResumed = isResumed
  }
}

/// What became of a content that is to take a damaged blob's place.
package enum RepairSettlement: Sendable {
  case settled
  /// Somebody else brought the content back, or nothing needs it any more: this one is given to collection.
  case needless
  /// Collection has taken it: it must be placed again, and the next collection removes what was placed.
  case collected
}
