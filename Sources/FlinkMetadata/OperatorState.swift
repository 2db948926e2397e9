// SPDX-License-Identifier: Apache-2.0

/// The state of an operator and of all its subtasks.
package struct OperatorState: Hashable, Sendable {
  package let header: OperatorHeader
  /// In the order of the file; an operator without state has none.
  package let subtasks: [Subtask]
}
