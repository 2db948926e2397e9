// SPDX-License-Identifier: Apache-2.0

/// A point in time as `stat` reports it, since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Sendable {
  package let seconds: Int64
  /// 0 ..< 1,000,000,000, also before 1970.
  package let nanoseconds: Int32

  package init(seconds: Int64, nanoseconds: Int32) {
    precondition((0..<1_000_000_000).contains(nanoseconds), "nanoseconds are less than a second")
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }
}
