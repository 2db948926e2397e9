// SPDX-License-Identifier: Apache-2.0
import CRocksDB

/// Changes to column families of one database that are applied together.
@safe
public struct WriteBatch: ~Copyable {
  let handle: OpaquePointer

  public init() { unsafe handle = rocksdb_writebatch_create() }

  deinit { unsafe rocksdb_writebatch_destroy(handle) }

  public var count: Int { Int(unsafe rocksdb_writebatch_count(handle)) }

  public mutating func put(_ key: [UInt8], _ value: [UInt8], in family: ColumnFamily) {
    let handle = unsafe handle
    unsafe key.withCBytes { key, keyCount in
      unsafe value.withCBytes { value, valueCount in
        unsafe rocksdb_writebatch_put_cf(
          handle, family.handle, key, keyCount, value, valueCount)
      }
    }
  }

  public mutating func delete(_ key: [UInt8], in family: ColumnFamily) {
    let handle = unsafe handle
    unsafe key.withCBytes { key, count in
      unsafe rocksdb_writebatch_delete_cf(handle, family.handle, key, count)
    }
  }
}
