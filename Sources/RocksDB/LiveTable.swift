// SPDX-License-Identifier: Apache-2.0

/// A table file that the database needs.
package struct LiveTable: Hashable, Sendable {
  package let number: FileNumber
  /// The exact size of the file in bytes.
  package let size: UInt64
  package let level: Int
  package let columnFamily: ColumnFamilyID
  package let uniqueID: UniqueID?
  package let smallestSequence: UInt64
  package let largestSequence: UInt64
  /// The blob file of the lowest number that this table refers to.
  package let oldestBlob: FileNumber?

  package var name: String { number.tableName }
}
