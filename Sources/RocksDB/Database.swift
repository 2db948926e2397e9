// SPDX-License-Identifier: Apache-2.0
import CRocksDB
import Glibc
import Synchronization
public import SystemPackage

/// An open RocksDB database; it closes when this and all its ``ColumnFamily`` objects are gone.
///
/// All methods may be called from any thread. Where a column family is nil, the default one is meant.
/// `@safe`, because pointers stay inside; `Sendable`, because RocksDB is safe to use from any thread
/// and the families are behind a lock.
@safe
public final class Database: Sendable {
  public let path: FilePath
  /// It was opened without a lock, so another process may write to it.
  public let isReadOnly: Bool
  let core: OpenDatabase
  let options: DatabaseOptions
  private let families: Mutex<[String: ColumnFamily]>
  let unlogged = UnloggedWrites()

  /// Opens for writing with all column families that exist, making `columnFamilies` where absent.
  public convenience init(
    _ path: FilePath, columnFamilies: [String] = [], options: DatabaseOptions = DatabaseOptions()
  ) throws(RocksDBError) {
    try self.init(path, adding: columnFamilies, options: options, readOnly: false)
  }

  /// Opens for reading, with all column families; takes no lock and writes nothing.
  public convenience init(
    readOnly path: FilePath, options: DatabaseOptions = DatabaseOptions()
  ) throws(RocksDBError) {
    var options = options
    options.createIfMissing = false
    try self.init(path, adding: [], options: options, readOnly: true)
  }

  private init(
    _ path: FilePath, adding: [String], options: DatabaseOptions, readOnly: Bool
  ) throws(RocksDBError) {
    let handles = try OptionsHandle(options, path: path)
    let existing = try Self.columnFamilies(of: path, handles)
    let names = existing + adding.filter { !existing.contains($0) }
    var pointers = unsafe [OpaquePointer?](repeating: nil, count: names.count)
    let database = try LockFileGate.withLock { () throws(RocksDBError) in
      try unsafe Self.openUninterrupted(path, names, handles, &pointers, readOnly: readOnly)
    }
    var families: [String: ColumnFamily] = [:]
    for (index, name) in names.enumerated() {
      guard let pointer = unsafe pointers[index] else { continue }
      families[name] = unsafe ColumnFamily(name: name, handle: pointer, database: database)
    }
    self.path = path
    isReadOnly = readOnly
    self.options = options
    core = database
    self.families = Mutex(families)
  }

  /// Asks again where the opening of a directory was interrupted by a signal, as it may be on NFS or FUSE: RocksDB does not.
  private static func openUninterrupted(
    _ path: FilePath, _ names: [String], _ options: borrowing OptionsHandle,
    _ handles: inout [OpaquePointer?], readOnly: Bool
  ) throws(RocksDBError) -> OpenDatabase {
    var attempts = 8
    while true {
      do throws(RocksDBError) {
        return try unsafe open(path, names, options, &handles, readOnly: readOnly)
      } catch {
        attempts -= 1
        guard error.isInterruption, attempts > 0 else { throw error }
      }
    }
  }

  private static func open(
    _ path: FilePath, _ names: [String], _ options: borrowing OptionsHandle,
    _ handles: inout [OpaquePointer?], readOnly: Bool
  ) throws(RocksDBError) -> OpenDatabase {
    let count = Int32(names.count)
    let pointer = unsafe options.pointer
    let each = unsafe [OpaquePointer?](repeating: pointer, count: names.count)
    let opened = try checked(path) { error in
      unsafe withCStrings(names) { names in
        unsafe readOnly
          ? rocksdb_open_for_read_only_column_families(
            pointer, path.string, count, names, each, &handles, 0, error)
          : rocksdb_open_column_families(
            pointer, path.string, count, names, each, &handles, error)
      }
    }
    guard let opened = unsafe opened else {
      throw RocksDBError(message: "it could not be opened", path: path)
    }
    return unsafe OpenDatabase(opened)
  }

  /// The names of the column families in a database that need not be open, the default one first.
  public static func columnFamilies(of path: FilePath) throws(RocksDBError) -> [String] {
    try columnFamilies(of: path, try OptionsHandle(DatabaseOptions(), path: path))
  }

  private static func columnFamilies(
    of path: FilePath, _ options: borrowing OptionsHandle
  ) throws(RocksDBError) -> [String] {
    guard unsafe access(path.appending(CurrentFile.name).string, F_OK) == 0 else {
      return ["default"]
    }
    var count = 0
    let pointer = unsafe options.pointer
    let list = try checked(path) { error in
      unsafe rocksdb_list_column_families(pointer, path.string, &count, error)
    }
    defer { unsafe rocksdb_list_column_families_destroy(list, count) }
    return (0..<count).compactMap { index in
      unsafe list?[index].map { unsafe String(cString: $0) }
    }
  }

  // MARK: Column families

  /// Sorted by id.
  public var columnFamilies: [ColumnFamily] {
    families.withLock { $0.values.sorted { $0.id < $1.id } }
  }

  public func columnFamily(_ name: String) -> ColumnFamily? { families.withLock { $0[name] } }

  public func createColumnFamily(_ name: String) throws(RocksDBError) -> ColumnFamily {
    let handles = try OptionsHandle(options, path: path)
    let pointer = unsafe handles.pointer
    let made = try checked(path) {
      unsafe rocksdb_create_column_family(core.handle, pointer, name, $0)
    }
    guard let made = unsafe made else {
      throw RocksDBError(message: "column family \(name) could not be made", path: path)
    }
    let family = unsafe ColumnFamily(name: name, handle: made, database: core)
    families.withLock { $0[name] = family }
    return family
  }

  /// Drops `family`; its data stays readable through objects that exist.
  public func drop(_ family: ColumnFamily) throws(RocksDBError) {
    try checked(path) { unsafe rocksdb_drop_column_family(core.handle, family.handle, $0) }
    families.withLock { _ = $0.removeValue(forKey: family.name) }
  }

  func family(_ chosen: ColumnFamily?) throws(RocksDBError) -> ColumnFamily {
    if let chosen {
      precondition(chosen.database === core, "a column family belongs to one database")
      return chosen
    }
    guard let family = columnFamily("default") else {
      throw RocksDBError(message: "it has no default column family", path: path)
    }
    return family
  }
}
