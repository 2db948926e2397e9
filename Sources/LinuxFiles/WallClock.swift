// SPDX-License-Identifier: Apache-2.0

import DurabilitySteps
import Glibc

/// The time of day.
public enum WallClock {
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  public static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) + Steps.clockJump
  }
}
