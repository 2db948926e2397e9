// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct AbortCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abort",
    abstract: "Give up a checkpoint that was begun and is not completed.",
    discussion: """
      What was committed to it is released; the space is free after 'ckptfs gc'. A shard that comes later fails. \
      'ckptfs stats' lists what waits for shards.

      Example: ckptfs abort orders/chk-7
      """)

  @OptionGroup var store: StoreOptions

  @Argument(
    help: "The checkpoint: orders/chk-7.", completion: .pendingCheckpoint,
    transform: AbortCommand.reference)
  var checkpoint: CheckpointReference

  func run() throws {
    try store.open(freeing: true).abort(checkpoint)
    try store.format.print(
      AbortReport(
        history: checkpoint.history.rawValue, number: checkpoint.number.rawValue))
  }

  private static func reference(_ argument: String) throws -> CheckpointReference {
    guard let selector = try? CheckpointSelector(argument),
      case .number(let number) = selector.point
    else {
      throw ValidationError("only a number names a pending checkpoint: write HISTORY/chk-N")
    }
    return CheckpointReference(history: selector.history, number: number)
  }
}

private struct AbortReport: Report {
  let history: String
  let number: Int64

  var deed: String? { "\(history)/chk-\(number) was aborted" }

  var lines: [String] { ["aborted \(history)/chk-\(number)"] }
}
