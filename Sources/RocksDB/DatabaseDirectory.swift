// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// Reads what a RocksDB directory says of itself, without RocksDB and without changing anything.
///
/// It reads databases of versions that the linked RocksDB cannot open.
package enum DatabaseDirectory {
  /// Describes the database in `path` by its CURRENT and MANIFEST.
  ///
  /// The memory needed is that of the live files and one record, whatever the MANIFEST's size.
  /// While another process writes the database, the answer is a state it had, and `.io` with
  /// `ENOENT` for the MANIFEST means that CURRENT has just been replaced.
  package static func describe(
    _ path: FilePath
  ) throws(RocksDirectoryError) -> DatabaseDescription {
    try VersionState.replay(try CurrentFile(in: path).manifest, in: path)
  }

  /// As ``describe(_:)``, of the MANIFEST `number`, whatever CURRENT names.
  ///
  /// - Parameter observe: is given each edit, and the byte at which its record begins.
  package static func describe(
    _ path: FilePath, by number: FileNumber,
    observe: (VersionEdit, UInt64) -> Void = { _, _ in }
  ) throws(RocksDirectoryError) -> DatabaseDescription {
    try VersionState.replay(number, in: path, observe: observe)
  }
}
