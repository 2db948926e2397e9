// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// Makes the directory of a Flink job with many retained checkpoints:
/// `SyntheticJob DIR CHECKPOINTS FILES NEW [SUBTASKS [SIZE [INLINE]]]`.
///
/// Each checkpoint has FILES tables of SIZE bytes over all subtasks, of which NEW are new, and for each subtask
/// a MANIFEST of INLINE bytes in its `_metadata`. Tables are sparse: they take no room, and read as zeros.
@main
struct SyntheticJob {
  private let directory: FilePath
  private let size: Int64
  /// Of each subtask.
  private var tables: [[MetadataWriter.File]]
  private var next = 1
  private var generator = SplitMix64(state: 1)

  static func main() throws {
    let words = CommandLine.arguments.dropFirst()
    let numbers = words.dropFirst().compactMap { Int64($0) }
    guard let path = words.first, numbers.count == words.count - 1, (3...6).contains(numbers.count),
      numbers.allSatisfy({ $0 >= 0 })
    else {
      print("usage: SyntheticJob DIR CHECKPOINTS FILES NEW [SUBTASKS [SIZE [INLINE]]]")
      exit(64)
    }
    let defaults: [Int64] = [0, 0, 0, 16, 1 << 20, 200]
    let all = numbers + defaults.dropFirst(numbers.count)
    var job = try SyntheticJob(FilePath(path), subtasks: Int(all[3]), size: all[4])
    for number in 1...max(1, all[0]) {
      try job.take(number, new: Int(number == 1 ? all[1] : all[2]), inline: Int(all[5]))
    }
  }

  private init(_ path: FilePath, subtasks: Int, size: Int64) throws {
    try FileManager.default.createDirectory(
      atPath: path.appending("shared").string, withIntermediateDirectories: true)
    directory = FilePath(URL(filePath: path.string).resolvingSymlinksInPath().path)
    self.size = size
    tables = Array(repeating: [], count: max(1, subtasks))
  }

  /// As Flink does: the tables first, then `_metadata`, which completes it.
  private mutating func take(_ number: Int64, new: Int, inline: Int) throws {
    var added = [Int64](repeating: 0, count: tables.count)
    for index in 0..<new {
      let subtask = index % tables.count
      if number > 1, !tables[subtask].isEmpty { replaceOne(of: subtask) }
      tables[subtask].append(try makeTable())
      added[subtask] += size
    }
    var metadata = MetadataWriter(checkpoint: number, parallelism: Int32(tables.count))
    for (subtask, tables) in tables.enumerated() {
      metadata.add(subtask: Int32(subtask), tables: tables, new: added[subtask], inline: inline)
    }
    metadata.finish()
    let checkpoint = directory.appending("chk-\(number)")
    try FileManager.default.createDirectory(
      atPath: checkpoint.string, withIntermediateDirectories: true)
    try Data(metadata.bytes).write(
      to: URL(filePath: checkpoint.appending("_metadata").string), options: .atomic)
  }

  /// The younger a table, the sooner it is compacted away. It stays on disk for older checkpoints.
  private mutating func replaceOne(of subtask: Int) {
    let count = tables[subtask].count
    let index = max(
      Int.random(in: 0..<count, using: &generator), Int.random(in: 0..<count, using: &generator))
    tables[subtask].remove(at: index)
  }

  private mutating func makeTable() throws -> MetadataWriter.File {
    defer { next += 1 }
    let digits = String(next, radix: 16)
    let zeros = String(repeating: "0", count: 12 - digits.count)
    let path = directory.appending("shared/00000000-0000-4000-8000-\(zeros)\(digits)")
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate],
      permissions: FilePermissions(rawValue: 0o644))
    try file.closeAfter { try file.resize(to: size) }
    return MetadataWriter.File(
      name: String(repeating: "0", count: max(0, 6 - String(next).count)) + "\(next).sst",
      path: "file:\(path)", size: size)
  }
}

/// The same numbers each time, so that each run makes the same job.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
