// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct RenameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give a history another name.",
    discussion: "Example: ckptfs rename orders orders-2026")

  @OptionGroup var store: StoreOptions

  @Argument(help: "The history.", completion: .history, transform: { try HistoryName($0) })
  var history: HistoryName

  @Argument(help: "Its new name.", transform: { try HistoryName($0) })
  var name: HistoryName

  func run() throws {
    let store = try store.open()
    try store.rename(store.history(named: history), to: name)
    try self.store.format.print(RenameReport(from: history.rawValue, to: name.rawValue))
  }
}

private struct RenameReport: Report {
  let from: String
  let to: String

  var deed: String? { "\(from) was renamed to \(to)" }

  var lines: [String] { ["renamed \(from) to \(to)"] }
}
