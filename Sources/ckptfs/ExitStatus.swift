// SPDX-License-Identifier: Apache-2.0

/// What a script learns from the exit code.
enum ExitStatus: Int32 {
  case done = 0
  case failed = 1
  /// `fsck` or `verify` found damage.
  case damaged = 2
  /// There is no such store, history, checkpoint, tag or mount.
  case absent = 3
  /// Somebody else holds what is needed; later it may work.
  case busy = 4
  /// The command line itself is wrong (EX_USAGE of sysexits.h).
  case usage = 64
}
