// SPDX-License-Identifier: Apache-2.0

import CPeerRocksDB
import SystemPackage

/// RocksDB's own BackupEngine on an open database, by the C API.
final class PeerBackup {
  private let database: OpaquePointer?
  private let engine: OpaquePointer?

  init(database path: FilePath, backups: FilePath) {
    var error: UnsafeMutablePointer<CChar>?
    let options = rocksdb_options_create()
    rocksdb_options_set_compression(options, Int32(rocksdb_no_compression))
    rocksdb_options_set_target_file_size_base(options, 16 << 20)
    rocksdb_options_set_create_if_missing(options, 1)
    database = rocksdb_open(options, path.string, &error)
    precondition(error == nil, "the database opens")
    engine = rocksdb_backup_engine_open(options, backups.string, &error)
    precondition(error == nil, "the backup engine opens")
    rocksdb_options_destroy(options)
  }

  deinit {
    rocksdb_backup_engine_close(engine)
    rocksdb_close(database)
  }

  func take() {
    var error: UnsafeMutablePointer<CChar>?
    rocksdb_backup_engine_create_new_backup_flush(engine, database, 1, &error)
    precondition(error == nil, "a backup is taken")
  }
}
