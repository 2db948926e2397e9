// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LinuxFiles
import Logging
import SystemPackage

/// Where a mount's messages go.
enum Logs {
  /// For a process in the background: the journal, with all fields, where there is one, else syslog.
  static let background: Logger = {
    SystemLog.open(as: "ckptfs")
    return Logger(label: "ckptfs") { _ in
      JournalLogHandler(Journal(), otherwise: SystemLogHandler())
    }
  }()

  /// For one in the foreground: standard error, or with all its fields the journal that standard error leads to.
  static func foreground() -> Logger {
    let variable = ProcessInfo.processInfo.environment["JOURNAL_STREAM"]
    guard Journal.receives(.standardError, variable) else {
      return Logger(label: "ckptfs") { _ in TextLogHandler(.people) }
    }
    // Standard error leads there, too, if with less.
    return Logger(label: "ckptfs") { _ in
      JournalLogHandler(Journal(), otherwise: TextLogHandler(.journal))
    }
  }
}
