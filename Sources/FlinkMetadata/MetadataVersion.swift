// SPDX-License-Identifier: Apache-2.0

/// The version of the format, in the order of the releases of Flink that introduced them.
package enum MetadataVersion: Int32, CaseIterable, Comparable, Sendable {
  /// The oldest that current Flink reads.
  case two = 2
  /// Adds states of operator coordinators, channels in flight and finished subtasks.
  case three
  /// Adds the properties at the end.
  case four
  /// Adds names and uids of operators.
  case five
  /// Adds channel states merged into one file.
  case six
  /// Adds checkpoints of single regions.
  case seven

  package static let oldest = two
  package static let newest = seven

  package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
