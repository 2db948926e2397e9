// SPDX-License-Identifier: Apache-2.0

/// Records that were on their way when an unaligned checkpoint was taken.
package enum ChannelStateHandle: Hashable, Sendable {
  case single(ChannelState)
  case merged(MergedChannelState)

  package var delegate: StreamHandle {
    switch self {
    case .single(let state): state.delegate
    case .merged(let state): state.delegate
    }
  }
}
