// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// Opens what a live snapshot caught with the linked RocksDB, which replays the logs.
struct LiveVerification {
  let moment: LiveMoment
  /// Where it lies.
  let snapshot: FilePath
  /// Room for a database of our own.
  let work: FilePath

  private static let knownComparators = ["leveldb.BytewiseComparator"]
  private static let knownTableFormats: Set = ["BlockBasedTable"]
  /// With more tables than this some are not opened, so that the process has files left for them.
  private static let openTables = 500

  /// - Returns: why it could not be opened, though it may be sound; `nil` when it was opened, and all is there.
  /// - Throws: code `damaged` when the linked RocksDB should have opened it, and did not, or finds less.
  func run() throws -> String? {
    if let reason = foreignPart { return reason }
    let database: Database
    do throws(RocksDBError) {
      database = try Database(readOnly: snapshot, options: options)
    } catch {
      if let reason = try laterVersion(error) { return reason }
      throw SnapshotError(
        .damaged,
        "the snapshot of '\(moment.logs.directory)' does not open, so it was not kept: \(error.message)",
        cause: error)
    }
    let (found, wanted) = (database.latestSequenceNumber, moment.lastSequence)
    // What a compressed log holds only RocksDB can tell.
    guard found == wanted || (moment.logs.isCompressed && found > wanted) else {
      throw SnapshotError(
        .damaged,
        "the snapshot of '\(moment.logs.directory)' ends with sequence number \(found) instead of \(wanted) "
          + "when it is opened, so it was not kept: its logs cannot be replayed")
    }
    return nil
  }

  private var options: DatabaseOptions {
    var options = DatabaseOptions()
    // To replay operands into memory any operator does.
    options.appendsMerges = true
    // Without it RocksDB 7.8 wants to forget the logs that are tracked, and aborts as this is for reading.
    options.trackLogs = true
    if moment.description.tables.count > Self.openTables {
      options.others = ["max_open_files": "\(Self.openTables)"]
    }
    return options
  }

  private var foreignPart: String? {
    let comparators = moment.description.columnFamilies.compactMap(\.comparator)
    if let name = comparators.first(where: { !Self.knownComparators.contains($0) }) {
      return "its keys are in an order of the application's own ('\(name)')"
    }
    if let name = moment.settings.tableFormats.subtracting(Self.knownTableFormats).min() {
      return "its tables are in a format of their own ('\(name)')"
    }
    return nil
  }

  private func laterVersion(_ error: RocksDBError) throws -> String? {
    let linked = try linkedVersion()
    guard let linked, let version = moment.settings.version,
      Self.numbers(version).lexicographicallyPrecedes(Self.numbers(linked))
        || version == linked
    else {
      return
        "newer format: it was written by RocksDB \(moment.settings.version ?? "of unknown version"), and this "
        + "program has \(linked ?? "another"), which says: \(error.message)"
    }
    return nil
  }

  /// The version of the linked RocksDB, as it writes it down: its C interface does not tell.
  private func linkedVersion() throws -> String? {
    let path = work.appending("own")
    do {
      let database = try Database(path)
      withExtendedLifetime(database) {}
    }
    guard let options = try LiveDirectory(path: path).list().options else { return nil }
    let content = try FileSystemCalls.contents(
      of: path.appending(options.optionsName), limit: 1 << 20)
    return DatabaseSettings(content).version
  }

  private static func numbers(_ version: String) -> [Int] {
    version.split(separator: ".").map { Int($0) ?? 0 }
  }
}
