// SPDX-License-Identifier: Apache-2.0

/// Tells whether anybody has committed something to a catalog.
///
/// It costs a look at shared memory, and keeps no transaction open. To be used by one thread.
package protocol CatalogMeter: Sendable {
  /// Whether something was committed since the last call, by any process; true in the first.
  func hasChanged() throws(CatalogError) -> Bool
}
