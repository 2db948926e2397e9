// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkCheckpoints

/// What `ls flink:DIR` lists.
struct FlinkListing {
  let selection: FlinkSelection
  let isJSON: Bool

  private var source: FlinkSource { selection.source }

  func print() throws {
    if let checkpoint = selection.checkpoint {
      try printFiles(of: checkpoint.record)
    } else {
      try printHistories()
    }
  }

  private func printHistories() throws {
    let histories = try source.histories(after: nil, limit: .max).sorted { $0.name < $1.name }
    if isJSON {
      return try JSONText.printArray(named: "histories") { item in
        for history in histories { try item(JSONText.of(HistoryListing(history, in: source))) }
      }
    }
    var output = StandardOutput()
    for (number, history) in histories.enumerated() {
      if number > 0 { try output.write(line: "") }
      try output.write(line: "\(history.name):")
      // Flink has no tags.
      var table = Table(CheckpointListing.columns.dropLast())
      for checkpoint in try HistoryListing(history, in: source).checkpoints {
        table.add(checkpoint.cells.dropLast())
      }
      for line in table.lines { try output.write(line: line) }
    }
    for damaged in try source.damaged {
      try output.write(line: "not shown: \(damaged.message)")
    }
    if histories.isEmpty {
      try output.write(line: "there is no completed checkpoint below '\(source.root)'")
    }
    try output.flush()
  }

  private func printFiles(of record: CheckpointRecord) throws {
    if isJSON {
      var others = OtherEntries()
      return try JSONText.printArray(named: "entries") { item in
        try forEachEntry(of: record.id) { record in
          if let file = EntryListing(record, .place) { try item(JSONText.of(file)) }
          others.add(record.entry)
        }
      } followedBy: {
        [("directories", others.directories), ("links", others.links)]
      }
    }
    var output = StandardOutput()
    try output.write(line: line("SIZE", "REFS", "PATH"))
    try forEachEntry(of: record.id) { try output.write(line: line($0)) }
    try output.flush()
  }

  private func line(_ record: EntryRecord) -> String {
    let path = "\(record.entry.path)"
    switch record.entry.kind {
    case .own(let content), .shared(let content):
      return line(Quantities.bytes(content.size), "\(record.references)", path)
    case .directory: return line("-", "-", path + "/")
    case .link(let target):
      return line("-", "-", "\(path) -> \(String(printableName: target))")
    }
  }

  private func line(_ size: String, _ references: String, _ path: String) -> String {
    [size.padded(to: 10, .right), references.padded(to: 6, .right), path].joined(separator: "  ")
  }

  private func forEachEntry(
    of id: CheckpointID, in directory: EntryPath? = nil, _ body: (EntryRecord) throws -> Void
  ) throws {
    for record in try source.entries(of: id, in: directory, from: 0, limit: .max) {
      try body(record)
      if record.entry.kind == .directory {
        try forEachEntry(of: id, in: record.entry.path, body)
      }
    }
  }
}
