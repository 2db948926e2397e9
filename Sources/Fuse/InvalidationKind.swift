// SPDX-License-Identifier: Apache-2.0

/// What a ``Notifier`` tells the kernel to forget.
package enum InvalidationKind: Int, CaseIterable, Hashable, Sendable {
  /// Where one name leads.
  case name
  /// One node's attributes, and what is kept of its content.
  case node
  /// Where all names lead.
  case allNames
}
