// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct DropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Make checkpoints invisible and release what only they refer to.",
    discussion: """
      All of those named are dropped, or none. The space is free after 'ckptfs gc'. The latest checkpoint of a \
      history is never dropped, and a tagged one only with --force.

      Example: ckptfs drop orders/chk-1 orders/chk-2 --dry-run
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Only tell what would be dropped and released.")
  var dryRun = false

  @Flag(help: "Drop tagged checkpoints, too, with their tags.")
  var force = false

  @Argument(
    help: ArgumentHelp("The checkpoints to drop.", valueName: "checkpoint"),
    completion: .checkpoint, transform: { try CheckpointSelector($0) })
  var checkpoints: [CheckpointSelector]

  func run() throws {
    let store = try store.open(freeing: !dryRun)
    var references: [CheckpointReference] = []
    var records: [CheckpointRecord] = []
    for selector in checkpoints {
      let record = try store.checkpoint(selector)
      // Two names of one checkpoint are one checkpoint.
      if records.contains(where: { $0.id == record.id }) { continue }
      records.append(record)
      references.append(CheckpointReference(history: selector.history, number: record.number))
    }
    let preview = try store.dropPreview(records, force: force)
    if !dryRun { try store.drop(records, force: force) }
    try self.store.format.print(DropReport(references, preview, isDryRun: dryRun))
  }
}

private struct DropReport: Report {
  struct Dropped: Encodable {
    let history: String
    let number: Int64
  }

  let dropped: [Dropped]
  let releasedBlobs: Int64
  let releasedBytes: Int64
  let dryRun: Bool

  init(_ references: [CheckpointReference], _ preview: DropPreview, isDryRun: Bool) {
    dropped = references.map { Dropped(history: $0.history.rawValue, number: $0.number.rawValue) }
    releasedBlobs = preview.releasedBlobs
    releasedBytes = preview.releasedBytes
    dryRun = isDryRun
  }

  var deed: String? {
    let names = dropped.map { "\($0.history)/chk-\($0.number)" }.joined(separator: ", ")
    return dryRun ? nil : "\(names) \(dropped.count == 1 ? "was" : "were") dropped"
  }

  var lines: [String] {
    dropped.map { "\(dryRun ? "would drop" : "dropped") \($0.history)/chk-\($0.number)" } + [
      "\(dryRun ? "would release" : "released") \(Quantities.bytes(releasedBytes)) in "
        + Quantities.count(releasedBlobs, "file") + " that no other checkpoint has"
        + (dryRun ? "" : "; 'ckptfs gc' reclaims the space")
    ]
  }
}
