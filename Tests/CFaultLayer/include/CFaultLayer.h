// SPDX-License-Identifier: Apache-2.0
// What the fault layer and whoever arms it share: a file, mapped by the one and written by the other.
//
// The layer is preloaded (LD_PRELOAD) into a program and stands between it, with all libraries of its, and
// libc. CKPTFS_FAULTS names the control file; CKPTFS_FAULTS_BELOW the directories whose files it is about,
// separated by ':', without symbolic links in them.
#ifndef CFAULTLAYER_H
#define CFAULTLAYER_H

#include <stdint.h>

// The classes of calls, as bits of `classes`.
enum fault_class {
  FAULT_OPEN_TO_READ = 1,
  FAULT_OPEN_TO_WRITE = 2,
  FAULT_OPEN_TO_CREATE = 4,
  // mkdir, link, symlink, rename.
  FAULT_NAME = 8,
  // unlink, rmdir.
  FAULT_REMOVE = 16,
  FAULT_READ = 32,
  // write, ftruncate, fallocate, copy_file_range, FICLONE.
  FAULT_WRITE = 64,
  FAULT_SYNC = 128,
  // stat, access, readlink, realpath, statfs, readdir.
  FAULT_LOOK = 256,
  FAULT_LOCK = 512,
  FAULT_MAP = 1024,
  FAULT_CLOSE = 2048,
  // Owner, mode and times.
  FAULT_ATTRIBUTE = 4096,
  FAULT_LIST = 8192,
};

struct fault_control {
  // Nothing is counted while this is 0.
  int64_t armed;
  int64_t classes;
  // The errno; 0 for half of what was to be read or written.
  int64_t error;
  // Which of the calls fail, from 1, both included.
  int64_t first;
  int64_t last;
  // Whether the program is told that what failed succeeded, as if it did not listen. Reading is never so.
  int64_t deaf;
  // How many calls there were, and how many failed.
  int64_t seen;
  int64_t failed;
  // The bytes of `log`.
  int64_t logged;
  // "CALL PATH\n" of each call that failed, as far as there is room, and "synced PATH\n" of each directory that
  // was synced after one failed.
  char log[8120];
};

#endif
