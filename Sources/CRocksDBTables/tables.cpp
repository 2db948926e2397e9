// SPDX-License-Identifier: Apache-2.0
#include "CRocksDBTables.h"

#include <cstdio>
#include <exception>
#include <string>

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

namespace {

int verdict(const rocksdb::Status &status) {
  if (status.ok()) return ROCKS_TABLE_SOUND;
  if (status.IsCorruption()) return ROCKS_TABLE_CORRUPT;
  if (status.IsNotSupported() || status.IsInvalidArgument()) return ROCKS_TABLE_UNSUPPORTED;
  return ROCKS_TABLE_UNREADABLE;
}

rocksdb::Status verify(const char *path) {
  rocksdb::BlockBasedTableOptions table;
  // Each block is read once.
  table.no_block_cache = true;
  rocksdb::Options options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::SstFileReader reader(options);
  rocksdb::Status status = reader.Open(path);
  if (!status.ok()) return status;
  rocksdb::ReadOptions reading;
  reading.readahead_size = 2 << 20;
  return reader.VerifyChecksum(reading);
}

}  // namespace

extern "C" const char *rocks_version(void) {
  static const std::string version = rocksdb::GetRocksVersionAsString(true);
  return version.c_str();
}

extern "C" int rocks_verify_table(const char *path, char *message, size_t capacity) {
  // No exception may reach Swift.
  try {
    const rocksdb::Status status = verify(path);
    std::snprintf(message, capacity, "%s", status.ok() ? "" : status.ToString().c_str());
    return verdict(status);
  } catch (const std::exception &error) {
    std::snprintf(message, capacity, "%s", error.what());
  } catch (...) {
    std::snprintf(message, capacity, "RocksDB threw something that is no error");
  }
  return ROCKS_TABLE_UNREADABLE;
}
