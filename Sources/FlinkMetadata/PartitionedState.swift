// SPDX-License-Identifier: Apache-2.0

/// A named list within an operator's state.
package struct PartitionedState: Hashable, Sendable {
  /// What becomes of its elements when the parallelism changes.
  package enum Distribution: UInt8, Sendable {
    case splitDistribute = 0
    case union = 1
    case broadcast = 2
  }

  package let name: String
  package let distribution: Distribution
  /// Where its elements begin in the delegate.
  package let offsets: OffsetList
}
