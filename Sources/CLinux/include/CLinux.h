// SPDX-License-Identifier: Apache-2.0
// The Linux calls that Swift's Glibc module lacks, since it is built without _GNU_SOURCE.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>

#include "CLinuxProcesses.h"

struct linux_status {
  uint64_t device;
  uint64_t inode;
  uint64_t size;
  // Nanoseconds since 1970.
  int64_t modified;
  int64_t changed;
  int64_t born;
  uint32_t links;
  uint32_t user;
  uint32_t group;
  uint32_t mode;
  // Whether the file system keeps the time of birth.
  int has_born;
};

struct linux_file_system {
  uint64_t block_size;
  uint64_t blocks;
  uint64_t free_blocks;
  uint64_t available_blocks;
  uint64_t files;
  uint64_t free_files;
  int64_t type;
};

// statx(2) of a path; of a symbolic link itself unless follow is true. 0, or -1 and errno.
int linux_stat(const char *path, int follow, struct linux_status *status);
// statx(2) of a path below an open directory; not of what a symbolic link leads to.
int linux_stat_in(int directory, const char *path, struct linux_status *status);
// openat(2), of what has that name itself: a symbolic link is refused. Closed on exec.
int linux_open_in(int directory, const char *path, int flags, unsigned mode);
// As linux_open_in, of a directory as a place to look names up in only.
int linux_open_place_in(int directory, const char *path);
// statx(2) of an open file.
int linux_fstat(int descriptor, struct linux_status *status);
// statfs(2).
int linux_statfs(const char *path, struct linux_file_system *status);
// renameat2(2) with RENAME_NOREPLACE.
int linux_rename_exclusively(const char *from, const char *to);
// fallocate(2) from the file's beginning.
int linux_allocate(int descriptor, uint64_t bytes);
// sync_file_range(2) with SYNC_FILE_RANGE_WRITE over the whole file.
int linux_start_writeback(int descriptor);
// fcntl(2) with F_OFD_SETLK over the whole file; type is F_RDLCK, F_WRLCK or F_UNLCK.
int linux_lock(int descriptor, int type);
// ioctl_ficlone(2).
int linux_clone(int descriptor, int source);
// memfd_create(2), closed on exec.
int linux_memory_file(const char *name);

#endif
