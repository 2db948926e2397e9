// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

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
