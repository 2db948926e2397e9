// SPDX-License-Identifier: Apache-2.0
#ifndef CKPTFS_CFUSE_H
#define CKPTFS_CFUSE_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "passthrough.h"

#endif
