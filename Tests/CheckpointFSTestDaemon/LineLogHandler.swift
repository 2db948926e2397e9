// SPDX-License-Identifier: Apache-2.0

import Logging

/// Log messages as lines of the daemon's standard output.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    Daemon.say("log \(event.level): \(event.message)")
  }
}
