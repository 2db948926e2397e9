// SPDX-License-Identifier: Apache-2.0

package import FlinkMetadata

/// What is found in a `_metadata` on the way through it.
package enum StateItem: Sendable {
  /// An operator, before its parts.
  case operatorHeader(OperatorHeader)
  case part(StatePart)
  /// An older checkpoint whose state a subtask still uses.
  case reference(Int64)
}
