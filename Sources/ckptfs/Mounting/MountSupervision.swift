// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LinuxFiles
import Logging

/// Whoever supervises a mount in the foreground: with `Type=notify` in a unit, systemd waits for its word.
struct MountSupervision {
  private let manager = ServiceManager(
    socket: ProcessInfo.processInfo.environment["NOTIFY_SOCKET"])
  let logger: Logger

  /// The mount goes on when nobody hears it: systemd itself ends a service that stays silent.
  func tell(_ news: ServiceManager.News) {
    do throws(FileError) {
      try manager?.tell(news)
    } catch {
      logger.warning("the service manager does not learn that \(news.rawValue): \(error)")
    }
  }
}
