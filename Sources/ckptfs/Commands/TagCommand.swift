// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Give a checkpoint a name that keeps it from being dropped.",
    discussion: "Example: ckptfs tag orders/latest before-upgrade")

  @OptionGroup var store: StoreOptions

  @Argument(
    help: "The checkpoint to name.", completion: .checkpoint,
    transform: { try CheckpointSelector($0) })
  var checkpoint: CheckpointSelector

  @Argument(help: "Its name, without the history.", transform: { try TagName($0) })
  var name: TagName

  func run() throws {
    let store = try store.open()
    let tag = try store.tag(store.checkpoint(checkpoint), as: name)
    try self.store.format.print(
      TagReport(
        history: checkpoint.history.rawValue, number: tag.number.rawValue, tag: tag.name.rawValue))
  }
}

private struct TagReport: Report {
  let history: String
  let number: Int64
  let tag: String

  var deed: String? { "\(history)/chk-\(number) was tagged as \(history)/tags/\(tag)" }

  var lines: [String] { ["tagged \(history)/chk-\(number) as \(history)/tags/\(tag)"] }
}
