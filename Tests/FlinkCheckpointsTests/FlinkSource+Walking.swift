// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

@testable import FlinkCheckpoints

extension FlinkSource {
  /// All histories with their checkpoints.
  func all() throws -> [(history: HistoryRecord, checkpoint: CheckpointRecord)] {
    try histories(after: nil, limit: 1000).flatMap { history in
      try checkpoints(of: history.id, after: nil, limit: 100_000).map { (history, $0) }
    }
  }

  /// Every entry below `directory`, as a mount would walk.
  func walk(_ id: CheckpointID, in directory: EntryPath? = nil) throws -> [EntryRecord] {
    var found: [EntryRecord] = []
    var next = 0
    // Small portions, so that they are cut in the middle of everything.
    while case let portion = try entries(of: id, in: directory, from: next, limit: 3),
      let last = portion.last
    {
      next = last.ordinal + 1
      for record in portion {
        found.append(record)
        if record.entry.kind == .directory {
          found += try walk(id, in: record.entry.path)
        }
      }
    }
    return found
  }

  /// The bytes that a mount would show.
  func read(_ record: EntryRecord) throws -> [UInt8]? {
    guard let content = record.entry.content, let file = try open(content.digest) else {
      return nil
    }
    var buffer = [UInt8](repeating: 0, count: Int(file.length))
    let count = try file.descriptor.fill(&buffer, at: UInt64(file.offset), path: "content")
    return Array(buffer.prefix(count))
  }
}
