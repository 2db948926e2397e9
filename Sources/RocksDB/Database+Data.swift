// SPDX-License-Identifier: Apache-2.0
import CRocksDB

extension Database {
  public func put(
    _ key: [UInt8], _ value: [UInt8], in family: ColumnFamily? = nil, log: LogUse = .written
  ) throws(RocksDBError) {
    let family = try self.family(family)
    defer { unlogged.note(log) }
    let options = WriteOptionsHandle(log)
    let pointer = unsafe options.pointer
    try checked(path) { error in
      unsafe key.withCBytes { key, keyCount in
        unsafe value.withCBytes { value, valueCount in
          unsafe rocksdb_put_cf(
            core.handle, pointer, family.handle, key, keyCount, value, valueCount, error)
        }
      }
    }
  }

  public func delete(
    _ key: [UInt8], in family: ColumnFamily? = nil, log: LogUse = .written
  ) throws(RocksDBError) {
    let family = try self.family(family)
    defer { unlogged.note(log) }
    let options = WriteOptionsHandle(log)
    let pointer = unsafe options.pointer
    try checked(path) { error in
      unsafe key.withCBytes { key, count in
        unsafe rocksdb_delete_cf(core.handle, pointer, family.handle, key, count, error)
      }
    }
  }

  /// Applies all of `batch` or nothing.
  public func write(
    _ batch: borrowing WriteBatch, log: LogUse = .written
  ) throws(RocksDBError) {
    defer { unlogged.note(log) }
    let options = WriteOptionsHandle(log)
    let pointer = unsafe options.pointer
    let handle = unsafe batch.handle
    try checked(path) { unsafe rocksdb_write(core.handle, pointer, handle, $0) }
  }

  /// The value of `key`, nil when there is none.
  public func get(
    _ key: [UInt8], in family: ColumnFamily? = nil
  ) throws(RocksDBError) -> [UInt8]? {
    let family = try self.family(family)
    let options = ReadOptionsHandle()
    let pointer = unsafe options.pointer
    var count = 0
    let value = try checked(path) { error in
      unsafe key.withCBytes { key, keyCount in
        unsafe rocksdb_get_cf(
          core.handle, pointer, family.handle, key, keyCount, &count, error)
      }
    }
    guard let value = unsafe value else { return nil }
    defer { unsafe rocksdb_free(value) }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: value, count: count))
  }

  /// Visits all pairs of one moment in key order until `visit` returns false.
  public func scan(
    in family: ColumnFamily? = nil, _ visit: (_ key: [UInt8], _ value: [UInt8]) -> Bool
  ) throws(RocksDBError) {
    let family = try self.family(family)
    let options = ReadOptionsHandle()
    let iterator = unsafe rocksdb_create_iterator_cf(core.handle, options.pointer, family.handle)
    defer { unsafe rocksdb_iter_destroy(iterator) }
    unsafe rocksdb_iter_seek_to_first(iterator)
    while unsafe rocksdb_iter_valid(iterator) != 0 {
      var count = 0
      let keyBytes = unsafe rocksdb_iter_key(iterator, &count)
      let key = unsafe [UInt8](UnsafeRawBufferPointer(start: keyBytes, count: count))
      let valueBytes = unsafe rocksdb_iter_value(iterator, &count)
      let value = unsafe [UInt8](UnsafeRawBufferPointer(start: valueBytes, count: count))
      guard visit(key, value) else { return }
      unsafe rocksdb_iter_next(iterator)
    }
    try checked(path) { unsafe rocksdb_iter_get_error(iterator, $0) }
  }
}

/// Owns a `rocksdb_readoptions_t`; must outlive iterators made with it.
@safe
struct ReadOptionsHandle: ~Copyable {
  let pointer: OpaquePointer

  init() { unsafe pointer = rocksdb_readoptions_create() }

  deinit { unsafe rocksdb_readoptions_destroy(pointer) }
}
