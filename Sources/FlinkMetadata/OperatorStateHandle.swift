// SPDX-License-Identifier: Apache-2.0

/// State of an operator that is not kept by key.
package struct OperatorStateHandle: Hashable, Sendable {
  /// Where Flink keeps the files that it merges states into.
  package struct Merging: Hashable, Sendable {
    package let taskOwnedDirectory: String
    package let sharedDirectory: String
    package let isEmpty: Bool
  }

  package let states: [PartitionedState]
  /// `nil` without file merging.
  package let merging: Merging?
  package let delegate: StreamHandle
}
