// SPDX-License-Identifier: Apache-2.0
import CRocksDB

/// What becomes of a write in the write-ahead log.
public enum LogUse: Sendable {
  /// Written to the log, which the kernel writes out in its time.
  case written
  /// Synced before the call returns.
  case synced
  /// Not written to the log: lost unless flushed before the process ends.
  case skipped
}

/// Owns a `rocksdb_writeoptions_t`.
@safe
struct WriteOptionsHandle: ~Copyable {
  let pointer: OpaquePointer

  init(_ log: LogUse) {
    unsafe pointer = rocksdb_writeoptions_create()
    unsafe rocksdb_writeoptions_disable_WAL(pointer, log == .skipped ? 1 : 0)
    unsafe rocksdb_writeoptions_set_sync(pointer, log == .synced ? 1 : 0)
  }

  deinit { unsafe rocksdb_writeoptions_destroy(pointer) }
}
