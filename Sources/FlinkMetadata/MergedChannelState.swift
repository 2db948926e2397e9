// SPDX-License-Identifier: Apache-2.0

/// The records of all channels of a subtask.
package struct MergedChannelState: Hashable, Sendable {
  /// The subtask that wrote it.
  package let subtask: Int32
  /// In bytes.
  package let size: UInt64
  package let delegate: StreamHandle
  /// Which channels lie where; only Flink knows how it is written.
  package let directory: MetadataRange
}
