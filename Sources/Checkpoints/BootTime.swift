// SPDX-License-Identifier: Apache-2.0

/// A moment by the machine's boot clock, which nobody sets and which runs on while the machine sleeps.
public struct BootTime: Hashable, Sendable {
  /// Which start of the machine it counts from.
  public let boot: String
  /// Since that start.
  public let nanoseconds: Int64

  public init(boot: String, nanoseconds: Int64) {
    self.boot = boot
    self.nanoseconds = nanoseconds
  }
}
