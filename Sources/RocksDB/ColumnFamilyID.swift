// SPDX-License-Identifier: Apache-2.0

/// The number that a MANIFEST uses for a column family; never reused within a database.
public struct ColumnFamilyID: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The column family that every database has.
  public static let `default` = ColumnFamilyID(rawValue: 0)

  public static func < (a: ColumnFamilyID, b: ColumnFamilyID) -> Bool {
    a.rawValue < b.rawValue
  }
}
