// SPDX-License-Identifier: Apache-2.0
import CRocksDB

/// A column family of an open ``Database``; keeps the database open as long as it lives.
///
/// `@unchecked Sendable`: the handle is only read after `init`, and RocksDB's functions on it are
/// safe to call from any thread.
@safe
public final class ColumnFamily: @unchecked Sendable {
  public let name: String
  public var id: ColumnFamilyID {
    ColumnFamilyID(rawValue: unsafe rocksdb_column_family_handle_get_id(handle))
  }

  let handle: OpaquePointer
  let database: OpenDatabase

  init(name: String, handle: OpaquePointer, database: OpenDatabase) {
    self.name = name
    unsafe self.handle = unsafe handle
    self.database = database
  }

  deinit { unsafe rocksdb_column_family_handle_destroy(handle) }
}
