// SPDX-License-Identifier: Apache-2.0

/// One of the parallel instances of an operator.
package struct Subtask: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    /// It had ended when the checkpoint was taken.
    case finished
    case state(SubtaskState)
  }

  /// From 0, below the operator's parallelism.
  package let index: Int32
  package let state: State
}
