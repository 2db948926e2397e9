// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// A MANIFEST that is replayed to its end, and from there on when it has grown: a database that runs for long has a large one.
///
/// MANIFESTs only grow, so what was read once is not read again. Whoever is not sure that the file is still the same begins anew, and
/// so does who was thrown an error.
package struct ManifestReplay {
  package let manifest: FileNumber
  private let path: FilePath
  private var state = VersionState()
  /// Complete records and atomic groups have been applied up to here.
  private var validLength: UInt64 = 0

  package init(_ manifest: FileNumber, in directory: FilePath) {
    self.manifest = manifest
    path = directory.appending(manifest.manifestName)
  }

  /// Reads what there is since the last time, and describes the database by all of it.
  ///
  /// - Parameter observe: is given each edit that is read now, and the byte at which its record begins.
  package mutating func advance(
    observe: (VersionEdit, UInt64) -> Void = { _, _ in }
  ) throws(RocksDirectoryError) -> DatabaseDescription {
    let file = try MetadataFile(path)
    let size = file.size
    var reader = LogReader(file, kind: .manifest, from: validLength)
    while let record = try reader.next() {
      let edit = try VersionEdit(decoding: record, of: path)
      observe(edit, record.offset)
      do throws(VersionState.Contradiction) {
        try state.append(edit)
      } catch {
        throw .corrupt(file: path, offset: record.offset, reason: error.reason)
      }
      if !state.isInsideGroup { validLength = reader.validLength }
    }
    let isTruncated = reader.tail != .complete || state.isInsideGroup
    state.forgetIncompleteGroup()
    return try state.description(
      manifest: manifest, path: path, size: size, validLength: validLength,
      tailIsTruncated: isTruncated)
  }
}
