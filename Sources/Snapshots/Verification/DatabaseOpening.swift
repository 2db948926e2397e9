// SPDX-License-Identifier: Apache-2.0

import RocksDB
import SystemPackage

/// Opens a database that nobody writes to with the linked RocksDB, and tells what that RocksDB cannot do from damage.
struct DatabaseOpening {
  let directory: FilePath
  let description: DatabaseDescription
  let settings: DatabaseSettings

  private static let knownComparators: Set = [
    "leveldb.BytewiseComparator", "rocksdb.ReverseBytewiseComparator",
  ]
  /// With more tables than this some are not opened, so that the process has files left for them.
  private static let openTables = 500

  /// What it has that only its application knows; `nil` when nothing keeps it from being opened.
  var foreignPart: String? {
    let comparators = description.columnFamilies.compactMap(\.comparator)
    if let name = comparators.first(where: { !Self.knownComparators.contains($0) }) {
      return "its keys are in an order of the application's own ('\(name)')"
    }
    // One order is given for all column families.
    if Set(comparators).count > 1 { return "its column families have keys in different orders" }
    if let name = settings.foreignTableFormat {
      return "its tables are in a format of their own ('\(name)')"
    }
    return nil
  }

  func open() throws(RocksDBError) -> Database {
    try Database(readOnly: directory, options: options)
  }

  private var options: DatabaseOptions {
    var options = DatabaseOptions()
    // To replay operands into memory any operator does.
    options.appendsMerges = true
    // Without it RocksDB 7.8 wants to forget the logs that are tracked, and aborts as this is for reading.
    options.trackLogs = true
    if description.tables.count > Self.openTables {
      options.others["max_open_files"] = "\(Self.openTables)"
    }
    if let comparator = description.columnFamilies.first?.comparator,
      comparator != "leveldb.BytewiseComparator"
    {
      options.others["comparator"] = comparator
    }
    return options
  }

  /// Whether a RocksDB wrote it that is newer than the linked one, or that cannot be told.
  var isOfLaterVersion: Bool {
    guard let version = settings.version else { return true }
    return Self.numbers(LinkedRocksDB.version)
      .lexicographicallyPrecedes(Self.numbers(version))
  }

  /// Why what the linked RocksDB says need not be damage.
  func laterVersion(_ message: String) -> String {
    guard let version = settings.version else {
      return
        "no OPTIONS file tells which RocksDB wrote it, which may be a later one than this program's "
        + "\(LinkedRocksDB.version), which says: \(message)"
    }
    return
      "newer format: it was written by RocksDB \(version), and this program has \(LinkedRocksDB.version), which says: "
      + message
  }

  private static func numbers(_ version: String) -> [Int] {
    version.split(separator: ".").map { Int($0) ?? 0 }
  }
}
