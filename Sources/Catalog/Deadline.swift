// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// When something is given up that no process's lock keeps alive.
///
/// By the boot clock, since the time of day may be set at any moment. How long the machine was off it cannot tell:
/// after a restart the whole period begins anew, so that nothing is given up too early.
package struct Deadline: Hashable, Sendable {
  package let moment: BootTime
  /// In nanoseconds.
  package let period: Int64

  init(moment: BootTime, period: Int64) {
    self.moment = moment
    self.period = period
  }

  package init(_ period: Duration, from now: BootTime) {
    let (seconds, attoseconds) = period.components
    // More than a century is for ever.
    let nanoseconds = min(seconds, 1 << 32) * 1_000_000_000 + attoseconds / 1_000_000_000
    self.period = nanoseconds
    moment = BootTime(boot: now.boot, nanoseconds: now.nanoseconds + nanoseconds)
  }

  /// Zero or less when it has passed.
  package func remaining(at now: BootTime) -> Duration {
    .nanoseconds((now.boot == moment.boot ? moment.nanoseconds : period) - now.nanoseconds)
  }
}
