// SPDX-License-Identifier: Apache-2.0

/// The parts of one subtask's state.
package struct SubtaskState: Hashable, Sendable {
  package let managedOperator: OperatorStateHandle?
  package let rawOperator: OperatorStateHandle?
  package let managedKeyed: KeyedStateHandle?
  package let rawKeyed: KeyedStateHandle?
  package let inputChannels: [ChannelStateHandle]
  package let outputChannels: [ChannelStateHandle]
  /// An older checkpoint whose state this subtask still uses.
  package let referencedCheckpoint: Int64?
}
