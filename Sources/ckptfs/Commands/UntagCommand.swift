// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct UntagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "untag",
    abstract: "Take a tag off; its checkpoint stays.",
    discussion: "Example: ckptfs untag orders/tags/before-upgrade")

  @OptionGroup var store: StoreOptions

  @Argument(
    help: "The tag: orders/tags/NAME.", completion: .tag,
    transform: { try TagPath(argument: $0) })
  var tag: TagPath

  func run() throws {
    let store = try store.open()
    try store.untag(tag.name, of: store.history(named: tag.history))
    try self.store.format.print(
      UntagReport(history: tag.history.rawValue, tag: tag.name.rawValue))
  }
}

private struct UntagReport: Report {
  let history: String
  let tag: String

  var deed: String? { "the tag \(history)/tags/\(tag) was taken off" }

  var lines: [String] { ["took the tag \(history)/tags/\(tag) off"] }
}
