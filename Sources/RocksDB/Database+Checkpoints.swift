// SPDX-License-Identifier: Apache-2.0
import CRocksDB
public import SystemPackage

/// Whether taking a checkpoint first flushes the memtables of all column families.
public enum FlushPolicy: Hashable, Sendable {
  /// No log to copy and to replay, at the price of a small table for each column family, and of a wait for it to be
  /// written: the larger the memtables, the longer.
  case always
  /// Flushes when the logs have more than this many bytes together, and copies them otherwise.
  case whenLog(exceeds: UInt64)
  /// Copies the logs, whatever their size.
  case never

  var threshold: UInt64 {
    switch self {
    case .always: 0
    case .whenLog(let bytes): bytes == .max ? .max : bytes + 1
    case .never: .max
    }
  }
}

extension Database {
  /// Makes a checkpoint of this moment as the new directory `target`, by hard links where it can.
  ///
  /// The parent directory must exist and is not synced. A left-over `target.tmp` with a directory
  /// inside makes every later try fail.
  public func createCheckpoint(
    at target: FilePath, flush policy: FlushPolicy
  ) throws(RocksDBError) {
    let checkpoint = try checked(path) {
      unsafe rocksdb_checkpoint_object_create(core.handle, $0)
    }
    defer { unsafe rocksdb_checkpoint_object_destroy(checkpoint) }
    let create = { () throws(RocksDBError) in
      try checked(target) {
        unsafe rocksdb_checkpoint_create(checkpoint, target.string, policy.threshold, $0)
      }
    }
    try policy == .always ? unlogged.flushing(create) : create()
  }
}
