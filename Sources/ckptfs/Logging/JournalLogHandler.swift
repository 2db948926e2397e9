// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Logging

/// Log messages as entries of systemd's journal, where `journalctl CKPTFS_CHECKPOINT=orders/chk-7` finds them.
///
/// The text of an entry is all that a listing shows, and all that a syslog daemon behind the journal is handed, so it says what a
/// line would say.
struct JournalLogHandler: LogHandler {
  let journal: Journal
  /// What the journal does not take, or where there is none, goes there: no message is lost.
  let otherwise: any LogHandler
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(_ journal: Journal, otherwise: any LogHandler) {
    self.journal = journal
    self.otherwise = otherwise
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var entry = JournalEntry(
      LogText.line(event, metadata, in: .system), SystemLog.Priority(event.level))
    entry.add("SYSLOG_IDENTIFIER", "ckptfs")
    entry.add("SYSLOG_FACILITY", String(SystemLog.facility))
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) {
      for value in value.values { entry.add("CKPTFS_\(key.uppercased())", value) }
    }
    do {
      try journal.send(entry)
    } catch {
      var otherwise = otherwise
      otherwise.metadata = metadata
      otherwise.log(event: event)
    }
  }
}
