// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Glibc
import LinuxFiles
import RocksDB
import SystemPackage

/// The tries to catch a moment of a live database, until one is sound.
struct LiveSnapshot {
  let database: LiveDirectory
  /// An empty directory on the database's file system.
  let work: FilePath
  let cancellation: Cancellation

  static let maximumTries = 20
  /// As often in a row the same flaw is met before it is believed: a database that changes fast shows another each time.
  private static let patience = 5

  var target: FilePath { work.appending("snapshot") }
  private var pins: FilePath { work.appending("pins") }

  /// - Returns: what is in ``target`` then, and why each earlier try came to nothing.
  /// - Throws: code `busy` when the database changes too fast.
  func take() throws -> (moment: LiveMoment, setbacks: [String]) {
    var flaw: (error: SnapshotError, times: Int)?
    var setbacks: [String] = []
    // Where files come and go a flaw may be one of them.
    var hasChanged = false
    for number in 1...Self.maximumTries {
      try cancellation.check()
      do {
        let moment = try attempt()
        return (moment, setbacks)
      } catch let error as Unsettled {
        setbacks.append(error.reason)
        if let lasting = error.lasting {
          let times = flaw?.error.message == lasting.message ? (flaw?.times ?? 0) + 1 : 1
          if times == Self.patience { throw lasting }
          flaw = (lasting, times)
        } else {
          flaw = nil
          hasChanged = true
        }
      }
      pause(after: number)
    }
    if let flaw, !hasChanged { throw flaw.error }
    throw SnapshotError(
      .busy,
      "'\(database.path)' changes too fast: \(Self.maximumTries) tries to take it came to nothing, the last "
        + "since \(setbacks.last ?? "it was closed"); try again when less is written, or let the program make a RocksDB checkpoint and "
        + "commit that")
  }

  private func attempt() throws -> LiveMoment {
    for directory in [pins, target] {
      try FileSystemCalls.removeTree(directory)
      try FileSystemCalls.makeDirectory(directory)
    }
    let attempt = LiveAttempt(database: database, pins: pins, target: target)
    let moment = try attempt.run()
    try FileSystemCalls.removeTree(pins)
    return moment
  }

  /// Tries that follow each other at once would all meet the same flush.
  private func pause(after number: Int) {
    usleep(min(UInt32(1000) << UInt32(min(number, 6)), 50_000))
  }
}
