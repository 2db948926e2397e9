// SPDX-License-Identifier: Apache-2.0

/// What a checkpoint tells of an operator before its subtasks.
package struct OperatorHeader: Hashable, Sendable {
  package let id: OperatorID
  /// As the user gave it, not unique, of any characters; `nil` before version 5 or where there is none.
  package let name: String?
  /// As `name`, but meant to be unique in the job.
  package let uid: String?
  package let parallelism: Int32
  package let maximumParallelism: Int32
  package let coordinator: InlineState?
  /// All of it had ended when the checkpoint was taken.
  package let isFinished: Bool
}
