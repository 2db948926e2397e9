// SPDX-License-Identifier: Apache-2.0

/// An ``OpenReply/Mode`` without what belongs to it.
package enum OpenKind: Int, CaseIterable, Hashable, Sendable {
  case cached
  case direct
  case passthrough
}

extension OpenReply.Mode {
  var kind: OpenKind {
    switch self {
    case .cached: .cached
    case .direct, .directBesidePassthrough: .direct
    case .passthrough: .passthrough
    }
  }
}
