// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// The clock that counts from the start of the machine, also while it sleeps, and that nobody sets.
public enum BootClock {
  /// Nanoseconds since the machine was started.
  public static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The number that the kernel drew for itself when it was started.
  public static func boot() throws(FileError) -> String {
    let bytes = try FileSystemCalls.stream("/proc/sys/kernel/random/boot_id")
    return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
  }
}
