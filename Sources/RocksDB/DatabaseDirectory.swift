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
    var replay = ManifestReplay(try CurrentFile(in: path).manifest, in: path)
    return try replay.advance()
  }
}
