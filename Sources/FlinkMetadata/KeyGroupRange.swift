// SPDX-License-Identifier: Apache-2.0

/// The key groups that a state belongs to: a part of those of its operator.
package struct KeyGroupRange: Hashable, Sendable, CustomStringConvertible {
  package let start: Int32
  package let count: Int32

  /// As Flink writes it: first and last, both included; `none` when there are none.
  package var description: String {
    count == 0 ? "none" : "\(start)-\(Int64(start) + Int64(count) - 1)"
  }
}
