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

      Both may be Flink's: what the next checkpoint added. Files are compared by where they are, since Flink never \
      writes one twice, and state within _metadata by its bytes.

      Example: ckptfs diff orders/chk-41 orders/latest
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var mapping: MappingOptions

  @Argument(
    help: "The older checkpoint.", completion: .checkpoint,
    transform: { try CheckpointArgument(argument: $0) })
  var from: CheckpointArgument

  @Argument(
    help: "The newer checkpoint.", completion: .checkpoint,
    transform: { try CheckpointArgument(argument: $0) })
  var to: CheckpointArgument

  func run() throws {
    switch (from, to) {
    case (.store(let from), .store(let to)):
      let store = try store.open()
      let difference = try store.difference(
        from: store.checkpoint(from), to: store.checkpoint(to))
      try self.store.format.print(
        DifferenceReport(from: "\(from)", to: "\(to)", difference, .content))
    case (.flink(let from), .flink(let to)):
      let difference = try FlinkComparison(from: from, to: to, mapping.mappings).difference()
      try store.format.print(DifferenceReport(from: from, to: to, difference, .place))
    case (.store, .flink), (.flink, .store):
      throw Failure(
        .usage, "usage", "a store's checkpoint and one of Flink's cannot be compared; import it")
    }
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
    case addedDirectories
    case removedDirectories
  }

  private let from: String
  private let to: String
  private let difference: CheckpointDifference
  private let naming: ContentNaming

  init(from: String, to: String, _ difference: CheckpointDifference, _ naming: ContentNaming) {
    self.from = from
    self.to = to
    self.difference = difference
    self.naming = naming
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(from, forKey: .from)
    try container.encode(to, forKey: .to)
    try container.encode(files(difference.added), forKey: .added)
    try container.encode(files(difference.removed), forKey: .removed)
    try container.encode(files(difference.changed), forKey: .changed)
    try container.encode(files(difference.kept), forKey: .kept)
    try container.encode(difference.sharedBytes, forKey: .sharedBytes)
    try container.encode(difference.addedBytes, forKey: .addedBytes)
    try container.encode(difference.removedBytes, forKey: .removedBytes)
    try container.encode(directories(difference.added), forKey: .addedDirectories)
    try container.encode(directories(difference.removed), forKey: .removedDirectories)
  }

  private func files(_ entries: [Entry]) -> [FileReport] {
    entries.compactMap { FileReport($0, naming) }
  }

  private func directories(_ entries: [Entry]) -> [PathListing] {
    entries.filter { $0.kind == .directory }.map { PathListing($0.path) }
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
  let size: UInt64
  let digest: String?

  /// - Returns: `nil` for a directory.
  init?(_ entry: Entry, _ naming: ContentNaming) {
    guard let content = entry.content else { return nil }
    path = PathListing(entry.path)
    size = content.size
    digest = naming == .content ? content.digest.hexadecimal : nil
  }
}
