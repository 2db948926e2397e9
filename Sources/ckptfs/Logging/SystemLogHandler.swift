// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Logging

/// Log messages as lines of syslog.
struct SystemLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    SystemLog.write(
      SystemLog.Priority(event.level), LogText.line(event, metadata, in: .system))
  }
}

extension SystemLog.Priority {
  init(_ level: Logger.Level) {
    self =
      switch level {
      case .critical, .error: .error
      case .warning: .warning
      case .notice: .notice
      case .info: .information
      case .debug, .trace: .debug
      }
  }
}
