// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinuxProcesses.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

extern char **environ;

static int configure_files(
    posix_spawn_file_actions_t *files, const char *directory, int output, int detached) {
  int error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
  if (error == 0) error = posix_spawn_file_actions_adddup2(files, output, STDERR_FILENO);
  if (error == 0 && directory != NULL) {
    error = posix_spawn_file_actions_addchdir_np(files, directory);
  }
  if (error == 0 && detached) {
    error = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
  }
  return error;
}

static int configure_signals(posix_spawnattr_t *attributes) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int error = posix_spawnattr_setsigmask(attributes, &none);
  if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (error == 0) {
    error = posix_spawnattr_setflags(
        attributes, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  return error;
}

int linux_spawn(
    const char *path, char *const arguments[], const char *directory, int output, int detached) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&files);
  if (error != 0) {
    errno = error;
    return -1;
  }
  error = posix_spawnattr_init(&attributes);
  if (error != 0) {
    posix_spawn_file_actions_destroy(&files);
    errno = error;
    return -1;
  }
  error = configure_files(&files, directory, output, detached);
  if (error == 0) error = configure_signals(&attributes);
  pid_t process = -1;
  if (error == 0) error = posix_spawnp(&process, path, &files, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    errno = error;
    return -1;
  }
  return process;
}

int linux_unmount(const char *path, int detach) {
  return umount2(path, UMOUNT_NOFOLLOW | (detach ? MNT_DETACH : 0));
}

void linux_open_log(const char *name) { openlog(name, LOG_PID, LOG_DAEMON); }

void linux_log(int priority, const char *line) { syslog(priority, "%s", line); }

int linux_send(const char *name, const void *message, size_t size) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  if (length > sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, name, length);
  if (name[0] == '@') address.sun_path[0] = '\0';
  int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file == -1) return -1;
  // The length counts: an abstract name is all its bytes, with no NUL at the end.
  ssize_t sent = sendto(
      file, message, size, MSG_NOSIGNAL, (const struct sockaddr *)&address,
      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
  int error = errno;
  close(file);
  errno = error;
  return sent == -1 ? -1 : 0;
}
