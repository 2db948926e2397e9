// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How many files this process may have open.
public enum OpenFileLimit {
  public static var current: UInt64 { UInt64(limits.rlim_cur) }

  /// Lets this process have as many as the system allows it; most shells and service managers start processes with 1024.
  public static func raise() {
    var limits = limits
    limits.rlim_cur = limits.rlim_max
    // It cannot fail: whoever lowers the greatest limit lowers the other with it.
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
  }

  private static var limits: rlimit {
    var limits = rlimit()
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    return limits
  }
}
