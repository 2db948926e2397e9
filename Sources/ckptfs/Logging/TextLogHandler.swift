// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import Logging
import SystemPackage

/// Log messages as lines of standard error, each of them one write.
struct TextLogHandler: LogHandler {
  enum Style: Sendable {
    /// `2026-11-22T10:15:00Z error MESSAGE key=value …`
    case people
    /// `<3>MESSAGE key=value …`, as sd-daemon(3) has it: the journal adds the time by itself.
    case journal
  }

  let style: Style
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(_ style: Style) { self.style = style }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    // When nobody reads standard error, there is nobody to tell.
    _ = try? FileDescriptor.standardError.writeAll((text(event) + "\n").utf8)
  }

  private func text(_ event: LogEvent) -> String {
    switch style {
    case .people:
      let now = CivilTime(Timestamp(nanoseconds: WallClock.now())).rfc3339
      return "\(now) \(event.level) " + LogText.line(event, metadata, in: .own)
    case .journal:
      return "<\(SystemLog.Priority(event.level).number)>"
        + LogText.line(event, metadata, in: .system)
    }
  }
}
