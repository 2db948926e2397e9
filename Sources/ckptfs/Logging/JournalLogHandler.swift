// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Logging

/// Log messages as entries of systemd's journal, where `journalctl CKPTFS_CHECKPOINT=orders/chk-7` finds them.
struct JournalLogHandler: LogHandler {
  let journal: Journal
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(_ journal: Journal) { self.journal = journal }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var entry = JournalEntry("\(event.message)", SystemLog.Priority(event.level))
    entry.add("SYSLOG_IDENTIFIER", "ckptfs")
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) {
      for value in value.values { entry.add("CKPTFS_\(key.uppercased())", value) }
    }
    do {
      try journal.send(entry)
    } catch {
      // Standard error leads there, too, if with less: no message is lost.
      TextLogHandler(.journal).log(event: event)
    }
  }
}
