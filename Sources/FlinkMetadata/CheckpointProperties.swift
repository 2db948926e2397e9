// SPDX-License-Identifier: Apache-2.0

/// What kind of checkpoint it is.
package struct CheckpointProperties: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case checkpoint
    /// With the name of its format where it has one: `CANONICAL`, `NATIVE`.
    case savepoint(format: String?)
  }

  package let kind: Kind
  /// Whether its files may be shared: `FORWARD_BACKWARD`, `FORWARD`, `NO_SHARING`.
  package let sharing: String?
}
