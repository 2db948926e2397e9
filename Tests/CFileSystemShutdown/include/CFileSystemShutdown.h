// SPDX-License-Identifier: Apache-2.0
// The ioctl that file systems are tested with: it cuts one off from its disk.
#ifndef CFILESYSTEMSHUTDOWN_H
#define CFILESYSTEMSHUTDOWN_H

#include <stdint.h>

// What is still written: EXT4_GOING_FLAGS_* of fs/ext4/ext4.h, the same as XFS_FSOP_GOING_FLAGS_* of
// fs/xfs/libxfs/xfs_fs.h.
enum { SHUTDOWN_AFTER_LOG = 1, SHUTDOWN_WITHOUT_LOG = 2 };

// EXT4_IOC_SHUTDOWN, which is XFS_IOC_GOINGDOWN, of an open file. 0, or -1 and errno.
int file_system_shutdown(int descriptor, uint32_t flags);

#endif
