// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CFaultLayer.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// Every call goes to the kernel by syscall(2): what libc does within itself is not seen, so functions that
// look at files on their own (opendir, readdir, realpath) are caught as a whole.

static struct fault_control *control;
static char roots[4 * PATH_MAX];

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("CKPTFS_FAULTS");
  const char *below = getenv("CKPTFS_FAULTS_BELOW");
  if (!file || !below || strlen(below) + 1 > sizeof roots) return;
  strcpy(roots, below);
  int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *map = (void *)syscall(
      SYS_mmap, NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)0);
  syscall(SYS_close, fd);
  if (map != MAP_FAILED) control = map;
}

// MARK: Which files

static int is_below(const char *path) {
  for (const char *root = roots; *root;) {
    size_t length = strcspn(root, ":");
    if (strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
    root += length + (root[length] == ':');
  }
  return 0;
}

// The path of an open file, or "" where it has none.
static const char *path_of(int fd, char path[PATH_MAX]) {
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return path;
}

static const char *path_at(int directory, const char *name, char path[PATH_MAX]) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return path;
  }
  if (directory != AT_FDCWD) {
    path_of(directory, path);
  } else if (syscall(SYS_getcwd, path, PATH_MAX) < 0) {
    path[0] = 0;
  }
  size_t length = strlen(path);
  if (name[0]) snprintf(path + length, PATH_MAX - length, "/%s", name);
  return path;
}

// MARK: Which call

static void note(const char *call, const char *path) {
  char line[PATH_MAX + 32];
  int length = snprintf(line, sizeof line, "%s %s\n", call, path);
  int64_t end = __atomic_add_fetch(&control->logged, length, __ATOMIC_ACQ_REL);
  if (end <= (int64_t)sizeof control->log) {
    memcpy(control->log + end - length, line, (size_t)length);
  }
}

// Whether this call is to fail.
static int fails(const char *call, int64_t class, const char *path) {
  if (!control || !__atomic_load_n(&control->armed, __ATOMIC_ACQUIRE)) return 0;
  if (!(control->classes & class) || !is_below(path)) return 0;
  int64_t turn = __atomic_add_fetch(&control->seen, 1, __ATOMIC_ACQ_REL);
  if (turn < control->first || turn > control->last) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_ACQ_REL);
  note(call, path);
  return 1;
}

static int fails_fd(const char *call, int64_t class, int fd) {
  // Nobody's standard streams are files of a store.
  if (!control || fd <= 2 || !__atomic_load_n(&control->armed, __ATOMIC_ACQUIRE)) return 0;
  char path[PATH_MAX];
  return fails(call, class, path_of(fd, path));
}

static int fails_at(const char *call, int64_t class, int directory, const char *name) {
  if (!control || !name || !__atomic_load_n(&control->armed, __ATOMIC_ACQUIRE)) return 0;
  char path[PATH_MAX];
  return fails(call, class, path_at(directory, name, path));
}

// The answer to a call that failed, for a program that listens and for one that does not.
static long failure(long deaf) {
  if (control->deaf) return deaf;
  errno = (int)control->error;
  return -1;
}

// MARK: What a failed sync loses

// What was written to a file since it was last synced. A sync that fails leaves pages that are taken for
// clean and never reach the disk: here they are zeros at once, whoever relies on them.
struct written {
  dev_t device;
  ino_t inode;
  off_t offset;
  size_t length;
};

static struct written written[1 << 16];
static size_t written_count;
static pthread_mutex_t written_lock = PTHREAD_MUTEX_INITIALIZER;

static int status_of(int fd, struct stat *status) {
  return (int)syscall(SYS_newfstatat, fd, "", status, AT_EMPTY_PATH);
}

static void note_written(int fd, off_t offset, long length) {
  struct stat status;
  if (!control || length <= 0 || fd <= 2 || status_of(fd, &status) != 0) return;
  if (!S_ISREG(status.st_mode)) return;
  pthread_mutex_lock(&written_lock);
  // What is not noted could not be lost: a test that says nothing of it would prove less than it says.
  if (written_count == sizeof written / sizeof *written) {
    static const char message[] = "the fault layer's table of what was written is full\n";
    syscall(SYS_write, 2, message, sizeof message - 1);
    abort();
  }
  written[written_count++] = (struct written){
      status.st_dev, status.st_ino, offset, (size_t)length};
  pthread_mutex_unlock(&written_lock);
}

static void forget_written(int fd, int is_lost) {
  struct stat status;
  if (!control || status_of(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  static const char zeros[4096];
  // A file may be open to be read only, and be synced all the same.
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int target = is_lost ? (int)syscall(SYS_openat, AT_FDCWD, link, O_WRONLY | O_CLOEXEC, 0) : -1;
  pthread_mutex_lock(&written_lock);
  size_t kept = 0;
  for (size_t index = 0; index < written_count; index++) {
    struct written range = written[index];
    if (range.device != status.st_dev || range.inode != status.st_ino) {
      written[kept++] = range;
      continue;
    }
    while (target >= 0 && range.length > 0 && range.offset < status.st_size) {
      size_t rest = (size_t)(status.st_size - range.offset);
      size_t count = range.length < sizeof zeros ? range.length : sizeof zeros;
      if (count > rest) count = rest;
      if (syscall(SYS_pwrite64, target, zeros, count, range.offset) <= 0) break;
      range.offset += (off_t)count;
      range.length -= count;
    }
  }
  written_count = kept;
  pthread_mutex_unlock(&written_lock);
  if (target >= 0) syscall(SYS_close, target);
}

static int sync_file(const char *name, long number, int fd) {
  if (fails_fd(name, FAULT_SYNC, fd)) {
    int error = (int)control->error;
    forget_written(fd, 1);
    errno = error;
    return (int)failure(0);
  }
  int result = (int)syscall(number, fd);
  if (result == 0) forget_written(fd, 0);
  struct stat status;
  if (result == 0 && control && __atomic_load_n(&control->failed, __ATOMIC_ACQUIRE) &&
      status_of(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    char path[PATH_MAX];
    note("synced", path_of(fd, path));
  }
  return result;
}

int fsync(int fd) { return sync_file("fsync", SYS_fsync, fd); }
int fdatasync(int fd) { return sync_file("fdatasync", SYS_fdatasync, fd); }
int syncfs(int fd) { return sync_file("syncfs", SYS_syncfs, fd); }

// MARK: Opening and closing

static int open_file(int directory, const char *name, int flags, mode_t mode) {
  int64_t class = flags & O_CREAT                    ? FAULT_OPEN_TO_CREATE
                  : (flags & O_ACCMODE) == O_RDONLY ? FAULT_OPEN_TO_READ
                                                    : FAULT_OPEN_TO_WRITE;
  if (fails_at("open", class, directory, name)) {
    errno = (int)control->error;
    return -1;
  }
  return (int)syscall(SYS_openat, directory, name, flags, mode);
}

#define MODE(flags)                                  \
  mode_t mode = 0;                                   \
  if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
    va_list arguments;                               \
    va_start(arguments, flags);                      \
    mode = va_arg(arguments, mode_t);                \
    va_end(arguments);                               \
  }

int open(const char *name, int flags, ...) {
  MODE(flags)
  return open_file(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
  MODE(flags)
  return open_file(AT_FDCWD, name, flags | O_LARGEFILE, mode);
}
int openat(int directory, const char *name, int flags, ...) {
  MODE(flags)
  return open_file(directory, name, flags, mode);
}
int openat64(int directory, const char *name, int flags, ...) {
  MODE(flags)
  return open_file(directory, name, flags | O_LARGEFILE, mode);
}
int creat(const char *name, mode_t mode) {
  return open_file(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int fd) {
  int is_failing = fails_fd("close", FAULT_CLOSE, fd);
  int result = (int)syscall(SYS_close, fd);
  return is_failing ? (int)failure(0) : result;
}

// MARK: Reading and writing

// How much of a transfer is made that is to fall short; one byte cannot.
static size_t half(size_t count) { return count > 1 ? count / 2 : count; }

static int transfer_fails(const char *name, int64_t class, int fd, size_t count) {
  if (!control || (control->error == 0 && count < 2)) return 0;
  return fails_fd(name, class, fd);
}

ssize_t read(int fd, void *buffer, size_t count) {
  if (transfer_fails("read", FAULT_READ, fd, count)) {
    if (control->error == 0) return syscall(SYS_read, fd, buffer, half(count));
    errno = (int)control->error;
    return -1;
  }
  // libfuse ends its threads by cancelling them while they read, which a system call made so does not see.
  static ssize_t (*next)(int, void *, size_t);
  if (!next) next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
  return next(fd, buffer, count);
}

ssize_t pread(int fd, void *buffer, size_t count, off_t offset) {
  if (transfer_fails("pread", FAULT_READ, fd, count)) {
    if (control->error == 0) return syscall(SYS_pread64, fd, buffer, half(count), offset);
    errno = (int)control->error;
    return -1;
  }
  return syscall(SYS_pread64, fd, buffer, count, offset);
}
ssize_t pread64(int fd, void *buffer, size_t count, off_t offset) {
  return pread(fd, buffer, count, offset);
}

ssize_t write(int fd, const void *buffer, size_t count) {
  if (!control || fd <= 2) return syscall(SYS_write, fd, buffer, count);
  if (transfer_fails("write", FAULT_WRITE, fd, count)) {
    if (control->error != 0) return failure((long)count);
    long done = syscall(SYS_write, fd, buffer, half(count));
    return control->deaf && done >= 0 ? (ssize_t)count : done;
  }
  long done = syscall(SYS_write, fd, buffer, count);
  if (done > 0) note_written(fd, (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) - done, done);
  return done;
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset) {
  if (transfer_fails("pwrite", FAULT_WRITE, fd, count)) {
    if (control->error != 0) return failure((long)count);
    long done = syscall(SYS_pwrite64, fd, buffer, half(count), offset);
    return control->deaf && done >= 0 ? (ssize_t)count : done;
  }
  long done = syscall(SYS_pwrite64, fd, buffer, count, offset);
  note_written(fd, offset, done);
  return done;
}
ssize_t pwrite64(int fd, const void *buffer, size_t count, off_t offset) {
  return pwrite(fd, buffer, count, offset);
}

// What changes a file otherwise cannot fall short.
static int change_fails(const char *name, int fd) {
  return control && control->error != 0 && fails_fd(name, FAULT_WRITE, fd);
}

int ftruncate(int fd, off_t length) {
  if (change_fails("ftruncate", fd)) return (int)failure(0);
  return (int)syscall(SYS_ftruncate, fd, length);
}
int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

int truncate(const char *name, off_t length) {
  if (control && control->error != 0 && fails_at("truncate", FAULT_WRITE, AT_FDCWD, name)) {
    return (int)failure(0);
  }
  return (int)syscall(SYS_truncate, name, length);
}
int truncate64(const char *name, off_t length) { return truncate(name, length); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
  if (change_fails("fallocate", fd)) return (int)failure(0);
  return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off_t offset, off_t length) {
  return fallocate(fd, mode, offset, length);
}

ssize_t copy_file_range(
    int in, off64_t *in_offset, int out, off64_t *out_offset, size_t count, unsigned flags) {
  if (change_fails("copy_file_range", out)) return failure((long)count);
  return syscall(SYS_copy_file_range, in, in_offset, out, out_offset, count, flags);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  // FICLONE, by its number: its header and libc's do not go together.
  if (request == _IOW(0x94, 9, int) && change_fails("ioctl", fd)) return (int)failure(0);
  return (int)syscall(SYS_ioctl, fd, request, argument);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  if (fd >= 0 && fails_fd("mmap", FAULT_MAP, fd)) {
    errno = (int)control->error;
    return MAP_FAILED;
  }
  return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap(address, length, protection, flags, fd, offset);
}

static int lock_or_control(int fd, int command, void *argument) {
  int is_lock = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
                command == F_OFD_SETLKW;
  if (is_lock && fails_fd("fcntl", FAULT_LOCK, fd)) {
    errno = (int)control->error;
    return -1;
  }
  return (int)syscall(SYS_fcntl, fd, command, argument);
}

int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return lock_or_control(fd, command, argument);
}
int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return lock_or_control(fd, command, argument);
}
int flock(int fd, int operation) {
  if (fails_fd("flock", FAULT_LOCK, fd)) {
    errno = (int)control->error;
    return -1;
  }
  return (int)syscall(SYS_flock, fd, operation);
}

// MARK: Names

int mkdirat(int directory, const char *name, mode_t mode) {
  if (fails_at("mkdir", FAULT_NAME, directory, name)) return (int)failure(0);
  return (int)syscall(SYS_mkdirat, directory, name, mode);
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int symlinkat(const char *target, int directory, const char *name) {
  if (fails_at("symlink", FAULT_NAME, directory, name)) return (int)failure(0);
  return (int)syscall(SYS_symlinkat, target, directory, name);
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }

int linkat(int from, const char *name, int to, const char *link, int flags) {
  if (fails_at("link", FAULT_NAME, to, link)) return (int)failure(0);
  return (int)syscall(SYS_linkat, from, name, to, link, flags);
}
int link(const char *name, const char *link) { return linkat(AT_FDCWD, name, AT_FDCWD, link, 0); }

int renameat2(int from, const char *name, int to, const char *target, unsigned flags) {
  if (fails_at("rename", FAULT_NAME, to, target)) return (int)failure(0);
  return (int)syscall(SYS_renameat2, from, name, to, target, flags);
}
int renameat(int from, const char *name, int to, const char *target) {
  return renameat2(from, name, to, target, 0);
}
int rename(const char *name, const char *target) {
  return renameat2(AT_FDCWD, name, AT_FDCWD, target, 0);
}

int unlinkat(int directory, const char *name, int flags) {
  if (fails_at("unlink", FAULT_REMOVE, directory, name)) return (int)failure(0);
  return (int)syscall(SYS_unlinkat, directory, name, flags);
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

// MARK: Attributes

int fchown(int fd, uid_t user, gid_t group) {
  if (fails_fd("fchown", FAULT_ATTRIBUTE, fd)) return (int)failure(0);
  return (int)syscall(SYS_fchown, fd, user, group);
}
int fchmod(int fd, mode_t mode) {
  if (fails_fd("fchmod", FAULT_ATTRIBUTE, fd)) return (int)failure(0);
  return (int)syscall(SYS_fchmod, fd, mode);
}
int futimens(int fd, const struct timespec times[2]) {
  if (fails_fd("futimens", FAULT_ATTRIBUTE, fd)) return (int)failure(0);
  return (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

// MARK: Looking

#define LOOK(name, directory, path)                         \
  if (fails_at(name, FAULT_LOOK, directory, path)) {        \
    errno = (int)control->error;                            \
    return -1;                                              \
  }

int fstatat(int directory, const char *name, struct stat *status, int flags) {
  LOOK("stat", directory, name)
  return (int)syscall(SYS_newfstatat, directory, name, status, flags);
}
int fstatat64(int directory, const char *name, struct stat64 *status, int flags) {
  return fstatat(directory, name, (struct stat *)status, flags);
}
int stat(const char *name, struct stat *status) { return fstatat(AT_FDCWD, name, status, 0); }
int stat64(const char *name, struct stat64 *status) {
  return stat(name, (struct stat *)status);
}
int lstat(const char *name, struct stat *status) {
  return fstatat(AT_FDCWD, name, status, AT_SYMLINK_NOFOLLOW);
}
int lstat64(const char *name, struct stat64 *status) {
  return lstat(name, (struct stat *)status);
}
int fstat(int fd, struct stat *status) {
  if (fails_fd("fstat", FAULT_LOOK, fd)) {
    errno = (int)control->error;
    return -1;
  }
  return status_of(fd, status);
}
int fstat64(int fd, struct stat64 *status) { return fstat(fd, (struct stat *)status); }

int statx(
    int directory, const char *restrict name, int flags, unsigned mask,
    struct statx *restrict status) {
  LOOK("statx", directory, name)
  return (int)syscall(SYS_statx, directory, name, flags, mask, status);
}
int access(const char *name, int mode) {
  LOOK("access", AT_FDCWD, name)
  return (int)syscall(SYS_faccessat, AT_FDCWD, name, mode);
}
ssize_t readlinkat(int directory, const char *name, char *buffer, size_t size) {
  LOOK("readlink", directory, name)
  return syscall(SYS_readlinkat, directory, name, buffer, size);
}
ssize_t readlink(const char *name, char *buffer, size_t size) {
  return readlinkat(AT_FDCWD, name, buffer, size);
}
int statfs(const char *name, struct statfs *status) {
  LOOK("statfs", AT_FDCWD, name)
  return (int)syscall(SYS_statfs, name, status);
}
int statfs64(const char *name, struct statfs64 *status) {
  return statfs(name, (struct statfs *)status);
}

// The function of this name that the program would have called.
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

char *realpath(const char *restrict name, char *restrict resolved) {
  if (fails_at("realpath", FAULT_LOOK, AT_FDCWD, name)) {
    errno = (int)control->error;
    return NULL;
  }
  return NEXT(realpath)(name, resolved);
}

DIR *opendir(const char *name) {
  if (fails_at("opendir", FAULT_OPEN_TO_READ, AT_FDCWD, name)) {
    errno = (int)control->error;
    return NULL;
  }
  return NEXT(opendir)(name);
}

// libc asks the kernel for many names at once: the first call for them is the one that can fail.
struct dirent *readdir(DIR *directory) {
  if (control && telldir(directory) == 0 && fails_fd("readdir", FAULT_LIST, dirfd(directory))) {
    errno = (int)control->error;
    return NULL;
  }
  return NEXT(readdir)(directory);
}
struct dirent64 *readdir64(DIR *directory) {
  return (struct dirent64 *)readdir(directory);
}
