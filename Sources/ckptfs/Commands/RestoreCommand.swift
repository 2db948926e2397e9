// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import SystemPackage

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Write a checkpoint out as a directory that a database can be opened in.",
    discussion: """
      The destination appears whole, or not at all. --mode auto shares blocks (reflink) where the file system can, \
      else copies; either way all is read, and rot is refused. --mode reflink and link read nothing: fast, but rot comes \
      along. Files that were linked stay those of the store: what writes to one in place, or changes its owner, hurts \
      the store.

      Example: ckptfs restore orders/latest /var/lib/orders-copy
      """)

  @OptionGroup var store: StoreOptions

  @Option(
    help: "How contents come out: auto, reflink, link or copy (default: auto).",
    completion: .list(["auto", "reflink", "link", "copy"]),
    transform: { try RestoreMode(argument: $0) })
  var mode: RestoreMode?

  @Argument(
    help: "The checkpoint.", completion: .checkpoint, transform: { try CheckpointSelector($0) })
  var checkpoint: CheckpointSelector

  @Argument(
    help: "A directory that is absent or empty.", completion: .directory,
    transform: { try FilePath(argument: $0) })
  var destination: FilePath

  func run() throws {
    let store = try store.open()
    let record = try store.checkpoint(checkpoint)
    let line = ProgressLine("restoring", self.store.format)
    let report = try store.restore(
      record, to: destination, mode: mode ?? .auto, progress: line?.handler)
    line?.end()
    try self.store.format.print(
      RestoreOutcome(
        history: checkpoint.history.rawValue, number: record.number.rawValue,
        destination: destination.string, files: report.files, bytes: report.bytes))
  }
}

private struct RestoreOutcome: Report {
  let history: String
  let number: Int64
  let destination: String
  let files: Int64
  let bytes: Int64

  var deed: String? { "\(history)/chk-\(number) was restored to '\(destination)'" }

  var lines: [String] {
    [
      "restored \(history)/chk-\(number) to '\(destination)': \(Quantities.count(files, "file")), "
        + Quantities.bytes(bytes)
    ]
  }
}
