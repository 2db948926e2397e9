// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LinuxFiles
import Logging
import SystemPackage

/// Where a mount's messages go.
enum Logs {
  /// For a process in the background.
  static let system: Logger = {
    SystemLog.open(as: "ckptfs")
    return Logger(label: "ckptfs") { _ in SystemLogHandler() }
  }()

  /// For one in the foreground: standard error, or with all its fields the journal that standard error leads to.
  static func foreground() -> Logger {
    let variable = ProcessInfo.processInfo.environment["JOURNAL_STREAM"]
    guard Journal.receives(.standardError, variable) else {
      return Logger(label: "ckptfs") { _ in TextLogHandler(.people) }
    }
    return Logger(label: "ckptfs") { _ in JournalLogHandler(Journal()) }
  }
}
