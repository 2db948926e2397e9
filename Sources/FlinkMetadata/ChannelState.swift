// SPDX-License-Identifier: Apache-2.0

/// The records of one channel.
package struct ChannelState: Hashable, Sendable {
  /// The subtask that wrote it.
  package let subtask: Int32
  /// The number of the input gate, or of the result partition.
  package let gate: Int32
  /// The number of the channel in the gate, or of the subpartition.
  package let channel: Int32
  /// Where its buffers begin in the delegate, which several channels may share.
  package let offsets: OffsetList
  /// In bytes.
  package let size: UInt64
  package let delegate: StreamHandle
}
