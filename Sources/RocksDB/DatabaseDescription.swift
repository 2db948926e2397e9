// SPDX-License-Identifier: Apache-2.0

/// Which files a RocksDB directory needs, as its MANIFEST says.
package struct DatabaseDescription: Equatable, Sendable {
  package struct ColumnFamily: Hashable, Sendable {
    package let id: ColumnFamilyID
    package let name: String
    /// Nil where the MANIFEST names none, as LevelDB's successors before column families.
    package let comparator: String?
    /// Logs of smaller numbers hold nothing that this family still needs.
    package let logNumber: FileNumber
    /// Whether its last flush found the log still empty that the flush before had begun: what was flushed
    /// had been written without a log.
    package let skipsLog: Bool
  }

  package let manifest: FileNumber
  /// The size of the MANIFEST in bytes when it was read.
  package let manifestSize: UInt64
  /// Up to here the MANIFEST holds complete records and complete atomic groups.
  package let manifestValidLength: UInt64
  /// Whether a record or atomic group at the end is incomplete and was left out. RocksDB opens such
  /// a database; a checkpoint of RocksDB never has such an end.
  package let tailIsTruncated: Bool
  /// Ascending by id; dropped ones and their files are left out, here and below.
  package let columnFamilies: [ColumnFamily]
  /// Ascending by number.
  package let tables: [LiveTable]
  /// Ascending by number.
  package let blobs: [LiveBlob]
  /// The logs that the MANIFEST tracks and that are not obsolete, ascending by number.
  package let logs: [TrackedLog]
  /// Logs of smaller numbers are obsolete.
  package let minimumLogNumber: FileNumber
  package let lastSequence: UInt64
  package let nextFileNumber: FileNumber
  package let databaseID: String?

  package var manifestName: String { manifest.manifestName }
}
