// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import LinuxFiles

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls",
    abstract: "List histories, the checkpoints of one, or the files of a checkpoint.",
    discussion: """
      FULL is the size of all files of a checkpoint; NEW what the store did not have before it; UNIQUE what no \
      other checkpoint has, and dropping it would free. REFS counts the entries of all checkpoints with that content.

      flink:DIR lists the jobs and savepoints below a directory of Flink's, flink:JOB/chk-42 the files of one \
      checkpoint. There NEW is what the checkpoint before did not have.

      Example: ckptfs ls orders; ckptfs ls orders/latest; ckptfs ls flink:/flink/checkpoints
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var mapping: MappingOptions

  @Argument(
    help: "A history or a checkpoint: orders, orders/chk-42, orders/latest, flink:DIR.",
    completion: .historyOrCheckpoint, transform: { try ListingSubject(argument: $0) })
  var subject: ListingSubject?

  func run() throws {
    if case .flink(let argument) = subject,
      let selection = try FlinkSelection(argument, mappings: mapping.mappings)
    {
      return try FlinkListing(selection: selection, isJSON: store.format.isJSON).print()
    }
    let listing = Listing(store: try store.open(), isJSON: store.format.isJSON)
    switch subject {
    case nil, .flink: try listing.histories()
    case .history(let name): try listing.history(name)
    case .checkpoint(let selector): try listing.entries(of: selector)
    }
  }
}

/// Prints as it reads, so that no listing needs memory for all of a store.
private struct Listing {
  let store: Store
  let isJSON: Bool

  func histories() throws {
    let histories = try store.histories().sorted { $0.name < $1.name }
    if isJSON { return try printJSON(histories) }
    if histories.isEmpty {
      return try print(["no checkpoints yet; 'ckptfs commit DIR --history NAME' takes the first"])
    }
    let now = Timestamp(nanoseconds: WallClock.now())
    var table = Table([
      ("HISTORY", .left), ("CHECKPOINTS", .right), ("LATEST", .left), ("COMPLETED", .left),
      ("AGE", .right),
    ])
    for history in histories {
      let checkpoints = try store.checkpoints(of: history)
      let latest = checkpoints.last
      table.add([
        history.name.rawValue, "\(checkpoints.count)", latest?.number.directoryName ?? "-",
        latest.map { Quantities.time($0.completed) } ?? "-",
        latest.map { Quantities.age(of: $0.completed, at: now) } ?? "-",
      ])
    }
    try print(table.lines)
  }

  func history(_ name: HistoryName) throws {
    let history = try store.history(named: name)
    if isJSON { return try printJSON([history]) }
    var table = Table(CheckpointListing.columns)
    let unique = try store.uniqueBytes()
    for checkpoint in try HistoryListing(history, uniqueBytes: unique, in: store).checkpoints {
      table.add(checkpoint.cells)
    }
    try print(table.lines)
  }

  func entries(of selector: CheckpointSelector) throws {
    let checkpoint = try store.checkpoint(selector)
    if isJSON {
      var others = OtherEntries()
      try JSONText.printArray(named: "entries") { item in
        try store.forEachEntry(of: checkpoint) { record in
          if let file = EntryListing(record) { try item(JSONText.of(file)) }
          others.add(record.entry)
        }
      } followedBy: {
        [("directories", others.directories)]
      }
      return
    }
    var output = StandardOutput()
    try output.write(line: line("SIZE", "REFS", "DIGEST", "PATH"))
    try store.forEachEntry(of: checkpoint) { try output.write(line: line($0)) }
    try output.flush()
  }

  private func line(_ record: EntryRecord) -> String {
    guard let content = record.entry.content else {
      return line("-", "-", "-", "\(record.entry.path)/")
    }
    return line(
      Quantities.bytes(content.size), "\(record.references)",
      String(content.digest.hexadecimal.prefix(12)), "\(record.entry.path)")
  }

  private func line(_ size: String, _ references: String, _ digest: String, _ path: String)
    -> String
  {
    [
      size.padded(to: 10, .right), references.padded(to: 6, .right), digest.padded(to: 12, .left),
      path,
    ].joined(separator: "  ")
  }

  private func printJSON(_ histories: [HistoryRecord]) throws {
    let unique = try store.uniqueBytes()
    try JSONText.printArray(named: "histories") { item in
      for history in histories {
        try item(JSONText.of(HistoryListing(history, uniqueBytes: unique, in: store)))
      }
    }
  }

  private func print(_ lines: [String]) throws {
    var output = StandardOutput()
    for line in lines { try output.write(line: line) }
    try output.flush()
  }
}
