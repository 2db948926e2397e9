// SPDX-License-Identifier: Apache-2.0
import CRocksDB
public import SystemPackage

/// Writes a table file outside of any database, to be ingested by one.
@safe
public struct TableFileWriter: ~Copyable {
  private let path: FilePath
  private let writer: OpaquePointer
  private let environment: OpaquePointer
  private let options: OptionsHandle

  public init(_ path: FilePath) throws(RocksDBError) {
    let options = try OptionsHandle(DatabaseOptions(), path: path)
    let environment = unsafe rocksdb_envoptions_create()
    let writer = unsafe rocksdb_sstfilewriter_create(environment, options.pointer)
    do {
      try checked(path) { unsafe rocksdb_sstfilewriter_open(writer, path.string, $0) }
    } catch {
      unsafe rocksdb_sstfilewriter_destroy(writer)
      unsafe rocksdb_envoptions_destroy(environment)
      throw error
    }
    self.path = path
    self.options = options
    unsafe self.environment = unsafe environment!
    unsafe self.writer = unsafe writer!
  }

  deinit {
    unsafe rocksdb_sstfilewriter_destroy(writer)
    unsafe rocksdb_envoptions_destroy(environment)
  }

  /// Adds a pair; keys must ascend.
  public mutating func put(_ key: [UInt8], _ value: [UInt8]) throws(RocksDBError) {
    let writer = unsafe writer
    try checked(path) { error in
      unsafe key.withCBytes { key, keyCount in
        unsafe value.withCBytes { value, valueCount in
          unsafe rocksdb_sstfilewriter_put(writer, key, keyCount, value, valueCount, error)
        }
      }
    }
  }

  /// Completes and closes the file; fails when nothing was put.
  public consuming func finish() throws(RocksDBError) {
    let writer = unsafe writer
    try checked(path) { unsafe rocksdb_sstfilewriter_finish(writer, $0) }
  }
}
