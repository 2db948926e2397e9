// SPDX-License-Identifier: Apache-2.0

/// A whole file that holds state.
package struct StateFile: Hashable, Sendable {
  /// As Flink recorded it: `file:/a/b`, `s3://bucket/key`, or without a scheme.
  package let path: String
  /// In bytes.
  package let size: UInt64
}
