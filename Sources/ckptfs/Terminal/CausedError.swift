// SPDX-License-Identifier: Apache-2.0

import CheckpointStore

/// An error that knows what is beneath it.
protocol CausedError: Error {
  var cause: (any Error)? { get }
}

extension StoreError: CausedError {}
