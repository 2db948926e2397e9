// SPDX-License-Identifier: Apache-2.0
// The least that a file system in user space can take: libfuse's own loop, answers that are ready, nothing opened,
// counted or checked. Shows many/chk-1 … chk-20, each with a file CURRENT of 16 bytes.
//
//     cc -O2 floor.c -o floor $(pkg-config --cflags --libs fuse3)
//     ./floor MOUNT-POINT [threads]
#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKPOINTS = 20 };
// Node ids: 1 the root, 2 `many`, 100 + n a checkpoint, 200 + n its file.
static const char content[] = "MANIFEST-000001\n";
static const double hour = 3600;

static struct stat status(fuse_ino_t node) {
  struct stat s = {.st_ino = node, .st_nlink = 1, .st_mode = S_IFDIR | 0755};
  if (node >= 200) {
    s.st_mode = S_IFREG | 0644;
    s.st_size = sizeof content - 1;
  }
  return s;
}

static void lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
  struct fuse_entry_param entry = {.attr_timeout = hour, .entry_timeout = hour};
  int number;
  if (parent == 1 && !strcmp(name, "many")) entry.ino = 2;
  else if (parent == 2 && sscanf(name, "chk-%d", &number) == 1 && number >= 1 && number <= CHECKPOINTS)
    entry.ino = 100 + number;
  else if (parent > 100 && parent < 200 && !strcmp(name, "CURRENT")) entry.ino = parent + 100;
  entry.attr = status(entry.ino);
  fuse_reply_entry(request, &entry);
}

static void getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *information) {
  (void)information;
  struct stat s = status(node);
  fuse_reply_attr(request, &s, hour);
}

static void open_(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *information) {
  (void)node;
  information->keep_cache = 1;
  information->noflush = 1;
  fuse_reply_open(request, information);
}

static void read_(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
                  struct fuse_file_info *information) {
  (void)node, (void)information;
  size_t length = sizeof content - 1;
  if ((size_t)offset >= length) fuse_reply_buf(request, NULL, 0);
  else fuse_reply_buf(request, content + offset, length - offset < size ? length - offset : size);
}

static void release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *information) {
  (void)node, (void)information;
  fuse_reply_err(request, 0);
}

static void readdir(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset,
                    struct fuse_file_info *information) {
  (void)information;
  char list[4096], name[16];
  size_t used = 0;
  off_t last = node == 2 ? CHECKPOINTS : 1;
  for (off_t next = offset + 1; next <= last; next++) {
    fuse_ino_t child = node == 1 ? 2 : node == 2 ? (fuse_ino_t)(100 + next) : node + 100;
    snprintf(name, sizeof name, node == 1 ? "many" : node == 2 ? "chk-%d" : "CURRENT", (int)next);
    struct stat s = status(child);
    size_t needed = fuse_add_direntry(request, list + used, sizeof list - used, name, &s, next);
    if (used + needed > sizeof list || used + needed > size) break;
    used += needed;
  }
  fuse_reply_buf(request, list, used);
}

static const struct fuse_lowlevel_ops operations = {
    .lookup = lookup, .getattr = getattr, .open = open_, .read = read_, .release = release, .readdir = readdir};

int main(int count, char **words) {
  struct fuse_args arguments = {0};
  fuse_opt_add_arg(&arguments, words[0]);
  fuse_opt_add_arg(&arguments, "-oro,fsname=floor");
  struct fuse_session *session =
      fuse_session_new(&arguments, &operations, sizeof operations, NULL);
  if (count < 2 || !session || fuse_session_mount(session, words[1])) return 1;
  fuse_set_signal_handlers(session);
  fuse_daemonize(0);
  int threads = count > 2 ? atoi(words[2]) : 8;
  if (threads == 1) {
    fuse_session_loop(session);
  } else {
    struct fuse_loop_config *configuration = fuse_loop_cfg_create();
    fuse_loop_cfg_set_max_threads(configuration, threads);
    fuse_loop_cfg_set_idle_threads(configuration, threads);
    fuse_session_loop_mt(session, configuration);
    fuse_loop_cfg_destroy(configuration);
  }
  fuse_session_unmount(session);
  fuse_session_destroy(session);
}
