// SPDX-License-Identifier: Apache-2.0

/// An operation of a trace, and who does it.
package struct Turn: Codable, Hashable, Sendable {
  package let actor: Int
  package var operation: Operation
  /// Done by a process of its own, which is killed at so many steps.
  package var killedAt: Int?
}
