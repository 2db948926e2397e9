// SPDX-License-Identifier: Apache-2.0
import CRocksDB
import SystemPackage

/// How ``Database`` opens; nil leaves RocksDB's own default.
public struct DatabaseOptions: Sendable {
  public enum Compression: Sendable {
    case none
    /// What the linked RocksDB was built to prefer.
    case `default`
  }

  public var createIfMissing = true
  /// Bytes of a memtable before it is flushed.
  public var writeBufferSize: Int?
  /// Bytes of a table that a compaction writes.
  public var targetFileSize: UInt64?
  public var disableAutoCompactions = false
  public var compression = Compression.default
  /// Values of at least this many bytes go to blob files; nil makes none.
  public var minimumBlobSize: UInt64?
  /// Records closed logs in the MANIFEST (`track_and_verify_wals_in_manifest`).
  public var trackLogs = false
  /// Flushes all column families as one.
  public var atomicFlush = false
  /// Joins operands of a merge by commas, as Flink's list states need; reading them fails without.
  public var appendsMerges = false

  /// Options that have no property here, by the names that RocksDB's OPTIONS files use.
  public var others: [String: String] = [:]

  public init() {}
}

/// Owns a `rocksdb_options_t`; RocksDB copies it at open.
@safe
struct OptionsHandle: ~Copyable {
  let pointer: OpaquePointer

  init(_ options: DatabaseOptions, path: FilePath) throws(RocksDBError) {
    let made: OpaquePointer = unsafe rocksdb_options_create()
    unsafe rocksdb_options_set_create_if_missing(made, options.createIfMissing ? 1 : 0)
    unsafe rocksdb_options_set_create_missing_column_families(made, 1)
    unsafe rocksdb_options_set_atomic_flush(made, options.atomicFlush ? 1 : 0)
    unsafe rocksdb_options_set_disable_auto_compactions(
      made, options.disableAutoCompactions ? 1 : 0)
    if let size = options.writeBufferSize {
      unsafe rocksdb_options_set_write_buffer_size(made, size)
    }
    if let size = options.targetFileSize {
      unsafe rocksdb_options_set_target_file_size_base(made, size)
    }
    if options.compression == .none {
      unsafe rocksdb_options_set_compression(made, Int32(rocksdb_no_compression))
    }
    if let size = options.minimumBlobSize {
      unsafe rocksdb_options_set_enable_blob_files(made, 1)
      unsafe rocksdb_options_set_min_blob_size(made, size)
    }
    // The C API has no setters of their own for these.
    let others =
      (options.trackLogs ? ["track_and_verify_wals_in_manifest=true"] : [])
      + (options.appendsMerges ? ["merge_operator=stringappend"] : [])
      + options.others.map { "\($0)=\($1)" }
    if !others.isEmpty {
      do {
        try checked(path) {
          unsafe rocksdb_get_options_from_string(made, others.joined(separator: ";"), made, $0)
        }
      } catch {
        unsafe rocksdb_options_destroy(made)
        throw error
      }
    }
    unsafe pointer = unsafe made
  }

  deinit { unsafe rocksdb_options_destroy(pointer) }
}
