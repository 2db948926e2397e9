// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

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
