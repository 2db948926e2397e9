// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import DurabilitySteps
import GRDB
import LinuxFiles
import SQLiteLog
package import SystemPackage

/// The catalog in an SQLite database, used by any number of processes at once.
///
/// The write-ahead log is synced at every commit (`synchronous=FULL`): what a method did is durable when it
/// returns. No read transaction outlives a call.
package final class SQLiteCatalog: Catalog {
  package let store: StoreID
  private let pool: DatabasePool
  private let mark: ChangeMark?
  let path: FilePath
  let pageCache = PageCache(capacity: 256)
  let outlineCache = OutlineCache(capacity: 16)

  package enum Access: Sendable {
    case readWrite
    /// For who must not harm another catalog that was put in this one's place meanwhile: a connection that can
    /// write removes on closing the log that lies beside the file's name, whosesoever that is by then.
    case readOnly
  }

  /// Opens a catalog that `create(at:store:)` made.
  ///
  /// - Parameter mark: where each change is told of.
  /// - Throws: code `unusable` when it is of another format, or broken.
  package init(
    at path: FilePath, access: Access = .readWrite, mark: ChangeMark? = nil
  ) throws(CatalogError) {
    self.path = path
    self.mark = mark
    do {
      (pool, store) = try Self.open(path, access, creating: nil)
    } catch {
      throw Self.translated(error, path)
    }
  }

  /// Makes an empty catalog, which must not exist. Durable on return, but for the name in the directory.
  package static func create(at path: FilePath, store: StoreID) throws(CatalogError) {
    do {
      try makeFile(path)
      let (pool, _) = try open(path, .readWrite, creating: store)
      try pool.close()
    } catch {
      throw translated(error, path)
    }
  }

  /// Makes an empty file that only its owner may read. SQLite would make one that all may, and gives its log and shared
  /// memory the mode that the database has.
  static func makeFile(_ path: FilePath) throws {
    try FileDescriptor.open(
      path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
      permissions: .ownerReadWrite
    ).close()
  }

  private static func open(
    _ path: FilePath, _ access: Access, creating store: StoreID?
  ) throws -> (DatabasePool, StoreID) {
    var configuration = Configuration()
    configuration.busyMode = .timeout(Double(Steps.patience))
    configuration.maximumReaderCount = 4
    configuration.label = "catalog"
    configuration.readonly = access == .readOnly
    configuration.prepareDatabase { db in
      // What a killed process left in the log may be nowhere else.
      if !db.configuration.readonly { try db.keepLog(true) }
      try distrust(db)
      if !db.configuration.readonly {
        // Another program's database, or a later version's, is refused before anything is written to it.
        if store == nil { _ = try checkFormat(db, path) }
        try beginLog(db, path)
      }
    }
    let pool = try DatabasePool(path: path.string, configuration: configuration)
    let found = try pool.writeWithoutTransaction { db in
      if access == .readWrite { try prepareSyncing(db, path) }
      if let store { try createSchema(db, store: store) }
      let found = try checkFormat(db, path)
      if access == .readWrite { try migrate(db) }
      try checkShape(db, path)
      if access == .readWrite {
        try db.keepLog(false)
        try limitLog(db)
      }
      return found
    }
    return (pool, found)
  }

  /// Makes the log, where there is none, by a transaction that is synced.
  ///
  /// GRDB would make it by one that is not, and leave its sync to the next transaction. If that one fails, what
  /// the kernel dropped counts as committed, and SQLite brings it into the database.
  private static func beginLog(_ db: Database, _ path: FilePath) throws {
    try Steps.perform(.beginLog) {
      // To its end: after its answer it writes to the database, which may fail.
      guard try String.fetchAll(db, sql: "PRAGMA journal_mode = WAL") == ["wal"] else {
        throw CatalogError(.unusable, "the catalog '\(path)' cannot be opened with a log")
      }
      try db.execute(sql: "PRAGMA synchronous = FULL")
      if let log = try FileStatus(ifPresent: FilePath("\(path)-wal")), log.size > 0 { return }
      try db.inTransaction(.immediate) {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        try db.execute(sql: "PRAGMA user_version = \(version)")
        return .commit
      }
    }
  }

  private static func prepareSyncing(_ db: Database, _ path: FilePath) throws {
    // GRDB sets NORMAL for every pool, which may lose committed transactions with the power.
    try Steps.perform(.syncCatalog) {
      try db.execute(sql: "PRAGMA synchronous = FULL")
      guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
        throw CatalogError(.unusable, "the catalog '\(path)' cannot be opened with full syncing")
      }
    }
  }

  /// Not before the log was read: closing cuts one that it keeps to nothing, where it has a limit.
  private static func limitLog(_ db: Database) throws {
    try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
    // One large commit must not leave a large log for as long as others read.
    try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
  }

  /// Runs a transaction that writes, marked as `step`.
  func write<Result>(
    _ step: Step, _ body: (Database) throws -> Result
  ) throws(CatalogError) -> Result {
    do {
      return try Steps.mark(step) {
        try pool.writeWithoutTransaction { db in
          Steps.enterTransaction(step)
          if Steps.isLeftOut(step) { return try body(db) }
          return try counting(db) { (try body(db), .commit) }
        }
      }
    } catch {
      throw Self.translated(error, path)
    }
  }

  /// Runs a transaction that writes, and takes all of it back.
  func rehearse<Result>(_ body: (Database) throws -> Result) throws(CatalogError) -> Result {
    try transact { db in (try body(db), .rollback) }
  }

  /// Runs a transaction that decides by itself whether what it wrote stays, marked as `step`.
  func transact<Result>(
    _ step: Step, _ body: (Database) throws -> (Result, Database.TransactionCompletion)
  ) throws(CatalogError) -> Result {
    try Steps.mark(step) { () throws(CatalogError) in
      try transact { db in
        Steps.enterTransaction(step)
        return try body(db)
      }
    }
  }

  private func transact<Result>(
    _ body: (Database) throws -> (Result, Database.TransactionCompletion)
  ) throws(CatalogError) -> Result {
    do {
      return try pool.writeWithoutTransaction { db in try counting(db) { try body(db) } }
    } catch {
      throw Self.translated(error, path)
    }
  }

  /// Runs a transaction, which is counted if it changes something: not in an older catalog, which would be taken for the newest when it
  /// has counted as far.
  private func counting<Result>(
    _ db: Database, _ body: () throws -> (Result, Database.TransactionCompletion)
  ) throws -> Result {
    var ended: (result: Result, change: Int64?)?
    let before = db.totalChangesCount
    try db.inTransaction(.immediate) {
      let (result, completion) = try body()
      let isChange = completion == .commit && db.totalChangesCount != before
      // Nobody else can count one now.
      let isNewest = try isChange && Self.changes(db) >= mark?.changesIfReadable ?? 0
      ended = (result, isNewest ? try Self.countChange(db) : nil)
      return completion
    }
    guard let ended else { preconditionFailure("a transaction that ended has a result") }
    if let change = ended.change { mark?.tell(of: change) }
    return ended.result
  }

  /// Runs a transaction that reads one committed state.
  func read<Result>(_ body: (Database) throws -> Result) throws(CatalogError) -> Result {
    do {
      return try pool.read(body)
    } catch {
      throw Self.translated(error, path)
    }
  }

  static func translated(_ error: any Error, _ path: FilePath) -> CatalogError {
    switch error {
    case let error as CatalogError: return error
    case let error as DatabaseError:
      switch error.resultCode {
      case .SQLITE_BUSY, .SQLITE_LOCKED:
        return CatalogError(
          .busy, "the catalog '\(path)' is locked by another process; try again", cause: error)
      case .SQLITE_FULL:
        return CatalogError(
          .io,
          "the disk of the catalog '\(path)' has no space left; nothing was changed, and 'ckptfs drop' and "
            + "'ckptfs gc' make some", cause: error)
      case .SQLITE_NOTADB, .SQLITE_CORRUPT:
        return CatalogError(
          .unusable,
          // SQLite calls it corrupt, too, when the disk does not answer.
          "the catalog '\(path)' is damaged, or its disk failed (\(error.message ?? "no detail")); where 'ckptfs fsck' "
            + "finds that again, 'ckptfs fsck --rebuild-catalog' makes it anew", cause: error)
      case .SQLITE_CANTOPEN:
        // A file that is there may be sound: there are too few descriptors, or the disk does not answer.
        let isFile = (try? FileStatus(following: path))?.kind == .regular
        return CatalogError(
          isFile ? .io : .unusable,
          "the catalog '\(path)' cannot be opened (\(error.message ?? "no detail")); if it is "
            + "lost, 'ckptfs fsck --rebuild-catalog' makes it anew", cause: error)
      default:
        return CatalogError(
          .io, "the catalog '\(path)' failed: \(error.message ?? "\(error.resultCode)")",
          cause: error)
      }
    default:
      return CatalogError(.io, "the catalog '\(path)' failed: \(error)", cause: error)
    }
  }
}
