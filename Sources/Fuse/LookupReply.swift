// SPDX-License-Identifier: Apache-2.0

/// The answer to a lookup that did not fail.
package enum LookupReply: Hashable, Sendable {
  /// The name is there. The kernel holds one more reference on the node until `forget`.
  case found(EntryReply)
  /// The name is not there, and the kernel may say so by itself for the time given. Throwing
  /// `Errno.noSuchFileOrDirectory` says the same without the kernel remembering it.
  case absent(timeout: Duration)
}

extension LookupReply {
  var outcome: Outcome {
    switch self {
    case .found: .success
    case .absent: .notFound
    }
  }
}
