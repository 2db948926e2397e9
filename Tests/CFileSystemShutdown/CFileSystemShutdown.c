// SPDX-License-Identifier: Apache-2.0
#include "CFileSystemShutdown.h"

#include <sys/ioctl.h>

int file_system_shutdown(int descriptor, uint32_t flags) {
  return ioctl(descriptor, _IOR('X', 125, uint32_t), &flags);
}
