// SPDX-License-Identifier: Apache-2.0

/// A blob file that the database needs.
package struct LiveBlob: Hashable, Sendable {
  /// A header of 30 bytes and a footer of 32 around the blobs of a sealed file.
  static let framing: UInt64 = 62

  package let number: FileNumber
  package let columnFamily: ColumnFamilyID
  /// The exact size of the sealed file in bytes.
  package let sizeOnDisk: UInt64

  package var name: String { number.blobName }
}
