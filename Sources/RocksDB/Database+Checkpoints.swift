// SPDX-License-Identifier: Apache-2.0
import CRocksDB
public import SystemPackage

/// Whether taking a checkpoint first flushes the memtables.
public enum LogFlushPolicy: Hashable, Sendable {
  /// Small tables, no log to replay; the only choice that keeps writes that skipped the log.
  case always
  /// Flushes when the logs have at least this many bytes.
  case whenLogIsAtLeast(UInt64)
  /// Copies the logs instead.
  case never

  var threshold: UInt64 {
    switch self {
    case .always: 0
    case .whenLogIsAtLeast(let bytes): bytes
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
    at target: FilePath, flush policy: LogFlushPolicy
  ) throws(RocksDBError) {
    let checkpoint = try checked(path) {
      unsafe rocksdb_checkpoint_object_create(core.handle, $0)
    }
    defer { unsafe rocksdb_checkpoint_object_destroy(checkpoint) }
    try checked(target) {
      unsafe rocksdb_checkpoint_create(checkpoint, target.string, policy.threshold, $0)
    }
  }
}
