// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// What the kernel lets this process have.
public enum ProcessLimits {
  /// As many open files as every process may have, unless somebody took pains to forbid it.
  public static let leastOpenFiles = 1024

  /// Lets this process have as many files open as it may ask for itself: its hard limit.
  ///
  /// - Returns: how many that are.
  public static func raiseOpenFiles() throws(Errno) -> Int {
    let limit = linux_raise_open_files()
    guard limit >= 0 else { throw Errno(rawValue: errno) }
    return Int(limit)
  }
}
