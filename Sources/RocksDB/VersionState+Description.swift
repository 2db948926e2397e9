// SPDX-License-Identifier: Apache-2.0
import SystemPackage

extension VersionState {
  func description(
    manifest: FileNumber, path: FilePath, size: UInt64, validLength: UInt64, tailIsTruncated: Bool
  ) throws(RocksDirectoryError) -> DatabaseDescription {
    guard hasLogNumber, let lastSequence, let nextFileNumber else {
      throw .corrupt(
        file: path, offset: validLength,
        reason: "it ends before the log number, next file number and last sequence number")
    }
    // Early versions write the number to keep only with two-phase commit; the families' logs tell.
    let minimum = minimumLogNumberToKeep ?? families.values.lazy.map(\.logNumber).min()
    let families = families.sorted { $0.key < $1.key }
    return DatabaseDescription(
      manifest: manifest, manifestSize: size, manifestValidLength: validLength,
      tailIsTruncated: tailIsTruncated,
      columnFamilies: families.map { id, family in
        DatabaseDescription.ColumnFamily(
          id: id, name: family.name, comparator: family.comparator, logNumber: family.logNumber,
          skipsLog: family.skipsLog)
      },
      tables: families.flatMap { id, family in family.tables.values.map { LiveTable($0, id) } }
        .sorted { $0.number < $1.number },
      blobs: families.flatMap { id, family in
        family.liveBlobs.map {
          LiveBlob(number: $0.number, columnFamily: id, sizeOnDisk: $0.sizeOnDisk)
        }
      }.sorted { $0.number < $1.number },
      logs: logs.filter { $0.number >= minimum ?? $0.number }
        .sorted { $0.number < $1.number },
      minimumLogNumber: minimum ?? FileNumber(rawValue: 0), lastSequence: lastSequence,
      nextFileNumber: nextFileNumber, databaseID: databaseID)
  }
}

extension LiveTable {
  init(_ table: VersionEdit.NewTable, _ columnFamily: ColumnFamilyID) {
    self.init(
      number: table.number, size: table.size, level: table.level, columnFamily: columnFamily,
      uniqueID: table.uniqueID, smallestSequence: table.smallestSequence,
      largestSequence: table.largestSequence, oldestBlob: table.oldestBlob)
  }
}
