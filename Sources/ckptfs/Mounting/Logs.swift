// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Logging

/// Where a mount's messages go.
enum Logs {
  static let system: Logger = {
    SystemLog.open(as: "ckptfs")
    return Logger(label: "ckptfs") { _ in SystemLogHandler() }
  }()

  static let standardError = Logger(label: "ckptfs") { label in
    StreamLogHandler.standardError(label: label)
  }
}

/// Log messages as lines of the system's log.
private struct SystemLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let values = metadata.merging(event.metadata ?? [:]) { _, new in new }
      .sorted { $0.key < $1.key }
      .map { "\($0.key): \($0.value)" }
    let line = "\(event.message)" + (values.isEmpty ? "" : " (\(values.joined(separator: "; ")))")
    SystemLog.write(SystemLog.Priority(event.level), line)
  }
}

extension SystemLog.Priority {
  fileprivate init(_ level: Logger.Level) {
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
