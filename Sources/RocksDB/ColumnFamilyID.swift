// SPDX-License-Identifier: Apache-2.0

/// The number that a MANIFEST uses for a column family; never reused within a database.
package struct ColumnFamilyID: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The column family that every database has.
  package static let `default` = ColumnFamilyID(rawValue: 0)

  package static func < (a: ColumnFamilyID, b: ColumnFamilyID) -> Bool {
    a.rawValue < b.rawValue
  }
}
