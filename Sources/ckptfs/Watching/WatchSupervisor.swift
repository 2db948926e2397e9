// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Synchronization

/// The service manager that started a watch, if one did, and that wants to hear of it now and then.
final class WatchSupervisor: Sendable {
  private let manager: ServiceManager?
  /// Half of the time after which the manager takes a silent service for hung; `nil` when it does not.
  let interval: Duration?
  private let lastTold = Mutex(ContinuousClock.now)

  init(_ environment: [String: String]) {
    manager = ServiceManager(socket: environment["NOTIFY_SOCKET"])
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
    interval = microseconds.flatMap { $0 > 1 ? .microseconds($0 / 2) : nil }
  }

  /// A manager that cannot be told restarts the service, or waits for nothing: the watch goes on.
  func tell(_ news: ServiceManager.News) {
    if news == .alive, interval == nil { return }
    lastTold.withLock { $0 = .now }
    do {
      try manager?.tell(news)
    } catch {
      ErrorOutput.write(line: "ckptfs: \(error)")
    }
  }

  /// As `tell(.alive)`, but no more often than asked for; callable from any thread.
  func tellAlive() {
    guard let interval, lastTold.withLock(\.self) + interval <= .now else { return }
    tell(.alive)
  }
}
