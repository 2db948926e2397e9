// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// The clock that counts from the start of the machine, also while it sleeps, and that nobody sets.
public enum BootClock {
  /// Nanoseconds since the machine was started; the same in all of its time namespaces.
  public static func now() throws(FileError) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return try nanoseconds(time.tv_sec, time.tv_nsec) - offset()
  }

  /// By how much this process's time namespace has it go fast: a container may have one of its own.
  private static func offset() throws(FileError) -> Int64 {
    let path: FilePath = "/proc/self/timens_offsets"
    // A kernel without time namespaces does not have it.
    guard try FileSystemCalls.exists(path) else { return 0 }
    let text = String(decoding: try FileSystemCalls.stream(path), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "boottime", let seconds = Int(words[1]),
        let rest = Int(words[2])
      else { continue }
      return nanoseconds(seconds, rest)
    }
    return 0
  }

  private static func nanoseconds(_ seconds: Int, _ rest: Int) -> Int64 {
    Int64(seconds) * 1_000_000_000 + Int64(rest)
  }

  /// The number that the kernel drew for itself when it was started.
  public static func boot() throws(FileError) -> String {
    let bytes = try FileSystemCalls.stream("/proc/sys/kernel/random/boot_id")
    return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
  }
}
