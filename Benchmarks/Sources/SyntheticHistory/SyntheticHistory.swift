// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import SystemPackage

/// Fills a store with a long history of small files: `SyntheticHistory STORE CHECKPOINTS FILES NEW`.
///
/// Each checkpoint has FILES tables, of which NEW are new, as if compaction had replaced as many
/// (most of them young ones), and a CURRENT and a MANIFEST of its own.
@main
struct SyntheticHistory {
  let store: Store
  let directory: FilePath
  let files: Int
  let new: Int
  var tables: [Int] = []
  var next = 1

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 5, let checkpoints = Int(arguments[2]), checkpoints >= 2,
      let files = Int(arguments[3]), let new = Int(arguments[4])
    else {
      print("usage: SyntheticHistory STORE CHECKPOINTS FILES NEW")
      exit(64)
    }
    let path = FilePath(arguments[1])
    _ = try Store.create(at: path)
    let source = FilePath(arguments[1] + ".source")
    try FileManager.default.createDirectory(
      atPath: source.string, withIntermediateDirectories: true)
    var history = SyntheticHistory(
      store: try Store(at: path), directory: source, files: files, new: new)
    let clock = ContinuousClock()
    var times: [Duration] = []
    for number in 1...checkpoints {
      try history.change(number)
      times.append(try clock.measure { try history.commit() })
    }
    let first = times.removeFirst()
    times.sort()
    print(
      "first \(milliseconds(first)) median \(milliseconds(times[times.count / 2])) "
        + "p95 \(milliseconds(times[times.count * 95 / 100])) ms")
  }

  /// What happens to the database between two checkpoints.
  mutating func change(_ number: Int) throws {
    try replaceTables()
    try write("CURRENT", "MANIFEST-\(number)\n")
    try write("MANIFEST-000005", "state \(number)")
  }

  func commit() throws {
    guard case .pending(let pending) = try store.begin(HistoryName("synthetic")) else { return }
    let sources = try ["CURRENT", "MANIFEST-000005"].map { try source($0, .own) }
    let shared = try tables.map { try source(Self.name($0), .shared) }
    let entries = try pending.ingest(sources + shared, policy: .link)
    _ = try pending.complete(entries, owner: Ownership(user: 0, group: 0))
  }

  private mutating func replaceTables() throws {
    let isFirst = tables.isEmpty
    if !isFirst {
      for _ in 0..<new {
        // The younger a table, the sooner it is compacted away.
        let index = max(Int.random(in: 0..<tables.count), Int.random(in: 0..<tables.count))
        try FileManager.default.removeItem(
          atPath: directory.appending(Self.name(tables[index])).string)
        tables.remove(at: index)
      }
    }
    for _ in 0..<(isFirst ? files : new) {
      try write(Self.name(next), "table \(next)")
      tables.append(next)
      next += 1
    }
  }

  /// Most tables are older than a second when a checkpoint first has them.
  private func write(_ name: String, _ text: String) throws {
    let path = directory.appending(name).string
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: path)
  }

  private func source(_ name: String, _ kind: SourceFile.Kind) throws -> SourceFile {
    SourceFile(path: try EntryPath(name), location: directory.appending(name), kind: kind)
  }

  private static func name(_ number: Int) -> String {
    String(repeating: "0", count: max(0, 6 - String(number).count)) + "\(number).sst"
  }
}

private func milliseconds(_ duration: Duration) -> String {
  let parts = duration.components
  return String(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
}
