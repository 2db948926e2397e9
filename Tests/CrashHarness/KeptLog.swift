// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import GRDB
import LinuxFiles
import SystemPackage

/// Keeps a catalog's log from being brought into the database when whoever wrote to it closes it: it stays, as it does where a
/// process is killed.
struct KeptLog {
  /// Who is not the last to close leaves the log alone, and so does who may not write.
  private let reader: DatabaseQueue
  private let path: FilePath

  init(of store: FilePath) throws {
    path = store.appending("catalog.sqlite-wal")
    // A catalog that was made anew has a log only when it has been opened.
    _ = try Store(at: store)
    var configuration = Configuration()
    configuration.readonly = true
    reader = try DatabaseQueue(
      path: store.appending("catalog.sqlite").string, configuration: configuration)
    // A database is only opened when something is read.
    _ = try reader.read { try Row.fetchOne($0, sql: "SELECT id FROM store") }
  }

  /// Ends it when all others have closed the catalog.
  ///
  /// - Throws: ``Violation`` when there is no log with something in it.
  func leave() throws {
    try reader.close()
    guard let log = try FileStatus(ifPresent: path), log.size > 0 else {
      throw Violation("P6", "'\(path)' is gone, or empty")
    }
  }
}
