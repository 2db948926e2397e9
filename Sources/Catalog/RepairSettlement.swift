// SPDX-License-Identifier: Apache-2.0

/// What became of a content that is to take a damaged blob's place.
package enum RepairSettlement: Sendable {
  case settled
  /// Somebody else brought the content back, or nothing needs it any more: this one is given to collection.
  case needless
  /// Collection has taken it: it must be placed again, and the next collection removes what was placed.
  case collected
}
