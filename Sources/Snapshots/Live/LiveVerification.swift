// SPDX-License-Identifier: Apache-2.0

import RocksDB
import SystemPackage

/// Opens what a live snapshot caught with the linked RocksDB, which replays the logs.
struct LiveVerification {
  let moment: LiveMoment
  /// Where it lies.
  let snapshot: FilePath

  /// - Returns: why it could not be opened, though it may be sound; `nil` when it was opened, and all is there.
  /// - Throws: code `damaged` when the linked RocksDB finds it so, or less than there should be; `database` when it could not open it.
  func run() throws -> String? {
    let opening = DatabaseOpening(
      directory: snapshot, description: moment.description, settings: moment.settings)
    if let reason = opening.foreignPart { return reason }
    let database: Database
    do throws(RocksDBError) {
      database = try opening.open()
    } catch {
      // Where it lies says nothing to anybody, and nothing is there afterwards.
      let message = error.message.replacing("\(snapshot)/", with: "")
        .replacing(snapshot.string, with: "the snapshot")
      if opening.isOfLaterVersion { return opening.laterVersion(message) }
      throw SnapshotError(
        error.isCorruption ? .damaged : .database,
        "the snapshot of '\(moment.logs.directory)' does not open, so it was not kept: \(message)",
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
}
