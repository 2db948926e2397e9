// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// A process that need not be a child of this one.
public struct RunningProcess: Sendable {
  private let status: FilePath

  public init(_ processID: Int32) {
    status = FilePath("/proc/\(processID)/stat")
  }

  /// Whether it runs, or could again: one that only waits for its parent to notice does not.
  public var isRunning: Bool {
    // PID (NAME) STATE …, and the name may have any character in it.
    guard let bytes = try? FileSystemCalls.stream(status),
      let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count
    else { return false }
    return bytes[end + 2] != UInt8(ascii: "Z") && bytes[end + 2] != UInt8(ascii: "X")
  }

  public func waitForEnd(atMost limit: Duration) {
    let deadline = ContinuousClock.now + limit
    while isRunning, ContinuousClock.now < deadline { usleep(5_000) }
  }
}
