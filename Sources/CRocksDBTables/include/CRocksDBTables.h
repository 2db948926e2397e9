// SPDX-License-Identifier: Apache-2.0
// What RocksDB's C interface lacks: its version, and the verification of one table.
#ifndef CROCKSDB_TABLES_H
#define CROCKSDB_TABLES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rocks_table_verdict {
  ROCKS_TABLE_SOUND = 0,
  ROCKS_TABLE_CORRUPT = 1,
  // This RocksDB cannot tell.
  ROCKS_TABLE_UNSUPPORTED = 2,
  // The operating system refused, or there was no memory.
  ROCKS_TABLE_UNREADABLE = 3,
};

// The version of the linked RocksDB, such as "7.8.3".
const char *rocks_version(void);

// Reads all blocks of a table file and compares their checksums. What is wrong is written to message, cut to its capacity and
// ended by a NUL.
int rocks_verify_table(const char *path, char *message, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
