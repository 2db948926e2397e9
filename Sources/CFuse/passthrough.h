// SPDX-License-Identifier: Apache-2.0
// What the kernel's FUSE protocol has and libfuse 3.14 does not know: passthrough and epochs.
//
// Numbers and layouts are those of include/uapi/linux/fuse.h in Linux, at the version of the protocol that is named
// with each; a version adds and never changes. The headers installed beside libfuse 3.14 are older, hence names of our own.
#ifndef CKPTFS_PASSTHROUGH_H
#define CKPTFS_PASSTHROUGH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// enum fuse_opcode, 7.1.
#define FUSE_KERNEL_OPCODE_INIT 26

// Flags of INIT: 7.36 made room for 32 more (FUSE_INIT_EXT), 7.40 has FUSE_PASSTHROUGH (1 << 37).
#define FUSE_KERNEL_INIT_EXT 0x40000000u
#define FUSE_KERNEL_INIT2_PASSTHROUGH 0x00000020u

// Flags of an OPEN reply: FOPEN_DIRECT_IO, FOPEN_NOFLUSH 7.35, FOPEN_PASSTHROUGH 7.40. With the latter no other is allowed but
// FOPEN_DIRECT_IO, FOPEN_PARALLEL_DIRECT_WRITES and FOPEN_NOFLUSH (fs/fuse/iomode.c).
#define FUSE_KERNEL_FOPEN_DIRECT_IO 0x01u
#define FUSE_KERNEL_FOPEN_NOFLUSH 0x20u
#define FUSE_KERNEL_FOPEN_PASSTHROUGH 0x80u

// enum fuse_notify_code: FUSE_NOTIFY_INC_EPOCH, and the version that has it.
#define FUSE_KERNEL_NOTIFY_INC_EPOCH 8
#define FUSE_KERNEL_MINOR_OF_INC_EPOCH 44

// struct fuse_in_header, 7.36 (its last eight bytes were padding before).
struct fuse_kernel_in_header {
  uint32_t length;
  uint32_t opcode;
  uint64_t unique;
  uint64_t node;
  uint32_t user;
  uint32_t group;
  uint32_t process;
  uint16_t extension_length;
  uint16_t padding;
};
_Static_assert(sizeof(struct fuse_kernel_in_header) == 40, "fuse_in_header");
_Static_assert(offsetof(struct fuse_kernel_in_header, unique) == 8, "fuse_in_header.unique");

// struct fuse_out_header, 7.1. In a notification `unique` is 0 and `error` the code.
struct fuse_kernel_out_header {
  uint32_t length;
  int32_t error;
  uint64_t unique;
};
_Static_assert(sizeof(struct fuse_kernel_out_header) == 16, "fuse_out_header");

// struct fuse_init_in, 7.36.
struct fuse_kernel_init_in {
  uint32_t major;
  uint32_t minor;
  uint32_t max_readahead;
  uint32_t flags;
  uint32_t flags2;
  uint32_t unused[11];
};
_Static_assert(sizeof(struct fuse_kernel_init_in) == 64, "fuse_init_in");
_Static_assert(offsetof(struct fuse_kernel_init_in, flags2) == 16, "fuse_init_in.flags2");

// struct fuse_init_out, 7.40: max_stack_depth is the first of the words that 7.36 left unused.
struct fuse_kernel_init_out {
  uint32_t major;
  uint32_t minor;
  uint32_t max_readahead;
  uint32_t flags;
  uint16_t max_background;
  uint16_t congestion_threshold;
  uint32_t max_write;
  uint32_t time_granularity;
  uint16_t max_pages;
  uint16_t map_alignment;
  uint32_t flags2;
  // How deep file systems may lie upon each other here, both 1 and 2 allow passthrough: 1 wants the backing files on a
  // file system that lies on none, and lets overlayfs lie on this one (process_init_reply in fs/fuse/inode.c).
  uint32_t max_stack_depth;
  uint32_t unused[6];
};
_Static_assert(sizeof(struct fuse_kernel_init_out) == 64, "fuse_init_out");
_Static_assert(offsetof(struct fuse_kernel_init_out, flags) == 12, "fuse_init_out.flags");
_Static_assert(offsetof(struct fuse_kernel_init_out, flags2) == 32, "fuse_init_out.flags2");
_Static_assert(offsetof(struct fuse_kernel_init_out, max_stack_depth) == 36, "fuse_init_out.max_stack_depth");

// struct fuse_open_out, 7.40: backing_id was padding.
struct fuse_kernel_open_out {
  uint64_t handle;
  uint32_t flags;
  int32_t backing_id;
};
_Static_assert(sizeof(struct fuse_kernel_open_out) == 16, "fuse_open_out");
_Static_assert(offsetof(struct fuse_kernel_open_out, backing_id) == 12, "fuse_open_out.backing_id");

// struct fuse_backing_map, 7.40; flags and padding must be 0.
struct fuse_kernel_backing_map {
  int32_t descriptor;
  uint32_t flags;
  uint64_t padding;
};
_Static_assert(sizeof(struct fuse_kernel_backing_map) == 16, "fuse_backing_map");

// FUSE_DEV_IOC_BACKING_OPEN and FUSE_DEV_IOC_BACKING_CLOSE, 7.40.
#define FUSE_KERNEL_BACKING_OPEN _IOW(229, 1, struct fuse_kernel_backing_map)
#define FUSE_KERNEL_BACKING_CLOSE _IOW(229, 2, uint32_t)

// Registers an open file on the connection of a /dev/fuse descriptor. An id, or -1 and errno: EPERM without CAP_SYS_ADMIN
// or when INIT did not agree on passthrough, ELOOP when the file lies too deep. The descriptor may be closed afterwards.
static inline int fuse_kernel_backing_open(int device, int descriptor) {
  struct fuse_kernel_backing_map map = {.descriptor = descriptor};
  return ioctl(device, FUSE_KERNEL_BACKING_OPEN, &map);
}

// Gives an id back; files open through it stay readable. 0, or -1 and errno.
static inline int fuse_kernel_backing_close(int device, int id) {
  uint32_t map = (uint32_t)id;
  return ioctl(device, FUSE_KERNEL_BACKING_CLOSE, &map);
}

// splice(2), which glibc hides in the same way.
static inline ssize_t fuse_kernel_splice(int in, off_t *in_offset, int out, off_t *out_offset, size_t length,
                                         unsigned int flags) {
  return syscall(SYS_splice, in, in_offset, out, out_offset, length, flags);
}

// A file in memory, by memfd_create(2), which glibc hides without _GNU_SOURCE; 1 is MFD_CLOEXEC.
static inline int fuse_kernel_memory_file(void) { return (int)syscall(SYS_memfd_create, "ckptfs", 1u); }

#endif
