// SPDX-License-Identifier: Apache-2.0
import CRocksDB
public import SystemPackage

extension Database {
  /// A table as RocksDB itself lists it.
  public struct TableMetadata: Hashable, Sendable {
    public let name: String
    public let columnFamily: String
    public let level: Int
    public let size: UInt64
  }

  public enum IngestMode: Sendable {
    case copy
    /// Links the file into the database; RocksDB may then patch a sequence number into it in place.
    case move
  }

  /// Writes the memtable of one column family to a table; returns when it is durable.
  public func flush(_ family: ColumnFamily?) throws(RocksDBError) {
    try flush([try self.family(family)])
  }

  /// Writes the memtables of all column families to tables; returns when they are durable.
  ///
  /// One family is flushed after another, also with `atomicFlush`: RocksDB's C interface has nothing else. See ``flushesAtomically``.
  public func flush() throws(RocksDBError) {
    try unlogged.flushing { () throws(RocksDBError) in try flush(columnFamilies) }
  }

  private func flush(_ families: [ColumnFamily]) throws(RocksDBError) {
    let options = unsafe rocksdb_flushoptions_create()
    defer { unsafe rocksdb_flushoptions_destroy(options) }
    unsafe rocksdb_flushoptions_set_wait(options, 1)
    for family in families {
      try checked(path) { unsafe rocksdb_flush_cf(core.handle, options, family.handle, $0) }
    }
  }

  /// Whether RocksDB flushes all column families as one, where it flushes by itself or in ``createCheckpoint(at:flush:)``.
  public var flushesAtomically: Bool {
    options.atomicFlush || ["true", "1"].contains(options.others["atomic_flush"])
  }

  /// Whether writes that skipped the log may be in memtables only, so that a checkpoint without a flush would miss them.
  ///
  /// `false` is certain; after `true` ``flush()`` is.
  public var mayHoldUnloggedWrites: Bool { !unlogged.areFlushed }

  /// Compacts all of `family`; returns when done. RocksDB reports no failure of it here.
  public func compact(_ family: ColumnFamily? = nil) throws(RocksDBError) {
    let family = try self.family(family)
    unsafe rocksdb_compact_range_cf(core.handle, family.handle, nil, 0, nil, 0)
  }

  /// Adds table files made by ``TableFileWriter``.
  public func ingest(
    _ files: [FilePath], into family: ColumnFamily? = nil, mode: IngestMode
  ) throws(RocksDBError) {
    let family = try self.family(family)
    let options = unsafe rocksdb_ingestexternalfileoptions_create()
    defer { unsafe rocksdb_ingestexternalfileoptions_destroy(options) }
    unsafe rocksdb_ingestexternalfileoptions_set_move_files(options, mode == .move ? 1 : 0)
    try checked(path) { error in
      unsafe withCStrings(files.map(\.string)) { names in
        unsafe rocksdb_ingest_external_file_cf(
          core.handle, family.handle, names, names.count, options, error)
      }
    }
  }

  public var latestSequenceNumber: UInt64 {
    unsafe rocksdb_get_latest_sequence_number(core.handle)
  }

  /// A property such as `rocksdb.num-files-at-level0`, nil when RocksDB does not know it.
  public func property(_ name: String) -> String? {
    guard let value = unsafe rocksdb_property_value(core.handle, name) else { return nil }
    defer { unsafe rocksdb_free(value) }
    return unsafe String(cString: value)
  }

  /// The live tables of all column families, in no given order.
  public func liveTables() -> [TableMetadata] {
    let files = unsafe rocksdb_livefiles(core.handle)
    defer { unsafe rocksdb_livefiles_destroy(files) }
    return (0..<(unsafe rocksdb_livefiles_count(files))).map { index in
      TableMetadata(
        name: String(
          unsafe String(cString: rocksdb_livefiles_name(files, index)).drop { $0 == "/" }),
        columnFamily: unsafe String(cString: rocksdb_livefiles_column_family_name(files, index)),
        level: Int(unsafe rocksdb_livefiles_level(files, index)),
        size: UInt64(unsafe rocksdb_livefiles_size(files, index)))
    }
  }
}
