// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// Real mounts, one at a time, seen through real system calls.
@Suite(
  .serialized, .timeLimit(.minutes(60)),
  .enabled(if: FuseDevice.isUsable, "/dev/fuse cannot be opened: nothing can be mounted here"))
struct MountedTests {}
