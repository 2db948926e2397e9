// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct DifferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two checkpoints by their files' contents.",
    discussion: """
      A line is '=' for a file that both have, '+' and '-' for one that only the second or the first has, and '!' \
      for one with other bytes under the same name.

      Example: ckptfs diff orders/chk-41 orders/latest
      """)

  @OptionGroup var store: StoreOptions

  @Argument(
    help: "The older checkpoint.", completion: .checkpoint,
    transform: { try CheckpointSelector($0) })
  var from: CheckpointSelector

  @Argument(
    help: "The newer checkpoint.", completion: .checkpoint,
    transform: { try CheckpointSelector($0) })
  var to: CheckpointSelector

  func run() throws {
    let store = try store.open()
    let difference = try store.difference(
      from: store.checkpoint(from), to: store.checkpoint(to))
    try self.store.format.print(DifferenceReport(from: from, to: to, difference))
  }
}

private struct DifferenceReport: Report {
  private enum CodingKeys: CodingKey {
    case from
    case to
    case added
    case removed
    case changed
    case kept
    case sharedBytes
    case addedBytes
    case removedBytes
  }

  private let from: CheckpointSelector
  private let to: CheckpointSelector
  private let difference: CheckpointDifference

  init(from: CheckpointSelector, to: CheckpointSelector, _ difference: CheckpointDifference) {
    self.from = from
    self.to = to
    self.difference = difference
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("\(from)", forKey: .from)
    try container.encode("\(to)", forKey: .to)
    try container.encode(difference.added.map(FileReport.init), forKey: .added)
    try container.encode(difference.removed.map(FileReport.init), forKey: .removed)
    try container.encode(difference.changed.map(FileReport.init), forKey: .changed)
    try container.encode(difference.kept.map(FileReport.init), forKey: .kept)
    try container.encode(difference.sharedBytes, forKey: .sharedBytes)
    try container.encode(difference.addedBytes, forKey: .addedBytes)
    try container.encode(difference.removedBytes, forKey: .removedBytes)
  }

  var lines: [String] {
    let marked =
      difference.removed.map { ("-", $0) } + difference.added.map { ("+", $0) }
      + difference.changed.map { ("!", $0) }
    let changes = marked.sorted { $0.1.path < $1.1.path }
    // What changed comes last, beside the totals: it is what a reader looks for.
    return ["--- \(from)", "+++ \(to)"] + (difference.kept.map { ("=", $0) } + changes).map(line)
      + [
        "shared \(Quantities.bytes(difference.sharedBytes)), only in \(from) "
          + "\(Quantities.bytes(difference.removedBytes)), only in \(to) "
          + Quantities.bytes(difference.addedBytes)
      ]
  }

  private func line(_ mark: String, _ entry: Entry) -> String {
    let size = entry.content.map { Quantities.bytes($0.size) } ?? "-"
    return "\(mark) \(size.padded(to: 10, .right))  \(entry.path)\(entry.content == nil ? "/" : "")"
  }
}

private struct FileReport: Encodable {
  let path: PathListing
  let size: UInt64?
  let digest: String?

  init(_ entry: Entry) {
    path = PathListing(entry.path)
    size = entry.content?.size
    digest = entry.content?.digest.hexadecimal
  }
}
