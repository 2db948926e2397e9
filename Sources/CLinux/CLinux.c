// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static int64_t nanoseconds(struct statx_timestamp time) {
  int64_t result;
  if (__builtin_mul_overflow(time.tv_sec, INT64_C(1000000000), &result) ||
      __builtin_add_overflow(result, (int64_t)time.tv_nsec, &result)) {
    return time.tv_sec < 0 ? INT64_MIN : INT64_MAX;
  }
  return result;
}

static int stat_at(int directory, const char *path, int flags, struct linux_status *status) {
  struct statx x;
  if (statx(directory, path, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME, &x) != 0) {
    return -1;
  }
  *status = (struct linux_status){
      .device = (uint64_t)x.stx_dev_major << 32 | x.stx_dev_minor,
      .inode = x.stx_ino,
      .size = x.stx_size,
      .modified = nanoseconds(x.stx_mtime),
      .changed = nanoseconds(x.stx_ctime),
      .born = nanoseconds(x.stx_btime),
      .links = x.stx_nlink,
      .user = x.stx_uid,
      .group = x.stx_gid,
      .mode = x.stx_mode,
      .has_born = (x.stx_mask & STATX_BTIME) != 0,
  };
  return 0;
}

int linux_stat(const char *path, int follow, struct linux_status *status) {
  return stat_at(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, status);
}

int linux_stat_in(int directory, const char *path, struct linux_status *status) {
  return stat_at(directory, path, AT_SYMLINK_NOFOLLOW, status);
}

int linux_open_in(int directory, const char *path, int flags, unsigned mode) {
  return openat(directory, path, flags | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
}

int linux_open_place_in(int directory, const char *path) {
  return linux_open_in(directory, path, O_PATH | O_DIRECTORY, 0);
}

int linux_fstat(int descriptor, struct linux_status *status) {
  return stat_at(descriptor, "", AT_EMPTY_PATH, status);
}

int linux_statfs(const char *path, struct linux_file_system *status) {
  struct statfs s;
  if (statfs(path, &s) != 0) return -1;
  *status = (struct linux_file_system){
      .block_size = (uint64_t)(s.f_frsize != 0 ? s.f_frsize : s.f_bsize),
      .blocks = s.f_blocks,
      .free_blocks = s.f_bfree,
      .available_blocks = s.f_bavail,
      .files = s.f_files,
      .free_files = s.f_ffree,
      .type = s.f_type,
  };
  return 0;
}

int linux_rename_exclusively(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int linux_allocate(int descriptor, uint64_t bytes) {
  return fallocate(descriptor, 0, 0, (off_t)bytes);
}

int linux_start_writeback(int descriptor) {
  return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int linux_lock(int descriptor, int type) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = (short)type;
  lock.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int linux_clone(int descriptor, int source) { return ioctl(descriptor, FICLONE, source); }

int linux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
