// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Synchronization
import TestSupport

/// What the daemon mounts.
///
///     orders/chk-1        CURRENT MANIFEST-000005 000012.sst
///     orders/chk-2        CURRENT MANIFEST-000005 000012.sst 000013.sst "odd \xff\n"
///     orders/chk-3        shard-a/CURRENT shard-a/000012.sst shard-b/000013.sst
///     orders/tags         before-upgrade -> ../chk-1
///     many/chk-1 … 500    CURRENT 000001.sst
final class Scenario: Sendable {
  let source: MemorySource
  private let entries: MemoryEntries
  private let held = Mutex<HeldAnswer?>(nil)

  init(isWatchable: Bool) throws {
    source = try MemorySource(name: "scenario", isWatchable: isWatchable)
    entries = try source.prepare([
      .own("CURRENT", "MANIFEST-000005\n"), .shared("000001.sst", "a small table"),
    ])
    let first = try source.complete(
      "orders", 1,
      [
        .own("CURRENT", "MANIFEST-000005\n"), .own("MANIFEST-000005", "versions"),
        Self.table("000012.sst", seed: 12),
      ], completed: Self.time(1))
    try source.complete(
      "orders", 2,
      [
        .own("CURRENT", "MANIFEST-000005\n"), .own("MANIFEST-000005", "more versions"),
        Self.table("000012.sst", seed: 12), Self.table("000013.sst", seed: 13),
        MemoryFile(
          path: EntryPath(bytes: Array("odd ".utf8) + [0xff, 0x0a]), bytes: [7],
          modified: Self.time(0), isShared: false),
      ], completed: Self.time(2))
    try source.complete(
      "orders", 3,
      [
        .own("shard-a/CURRENT", "MANIFEST-000005\n"),
        Self.table("shard-a/000012.sst", seed: 12), Self.table("shard-b/000013.sst", seed: 13),
      ], completed: Self.time(3))
    try source.tag(first, "before-upgrade", created: Self.time(4))
    for number in 1...500 as ClosedRange<Int64> {
      try source.complete("many", number, entries, completed: Self.time(number))
    }
  }

  static func time(_ seconds: Int64) -> Timestamp {
    Timestamp(seconds: 1_795_342_500 + seconds, nanoseconds: 0)
  }

  func obey(_ words: [String]) throws {
    switch (words.first, words.count) {
    case ("complete", 3): try complete(words[1], number(words[2]))
    case ("drop", 3): source.drop(try checkpoint(words[1], number(words[2])).id)
    case ("rename", 3):
      guard let history = try source.history(named: HistoryName(words[1])) else {
        throw Refusal(description: "no history \(words[1])")
      }
      try source.rename(history.id, to: words[2])
    // Fewer than those read at a time who look at all.
    case ("hold", 1): held.withLock { $0 = source.holdNextHistories(below: 256) }
    case ("held", 1): held.withLock { $0 }?.waitUntilFound()
    case ("release", 1): held.withLock { $0 }?.release()
    case ("damage", 2): source.damage(Digest(hashing: Self.tableBytes(seed: try seed(words[1]))))
    default: throw Refusal(description: "unknown command: \(words)")
    }
  }

  private func complete(_ history: String, _ number: Int64) throws {
    try source.complete(history, number, entries, completed: Self.time(1000 + number))
  }

  private func checkpoint(_ history: String, _ number: Int64) throws -> CheckpointRecord {
    guard let history = try source.history(named: HistoryName(history)),
      let number = CheckpointNumber(rawValue: number),
      let record = try source.checkpoint(number, of: history.id)
    else { throw Refusal(description: "no checkpoint \(history)/\(number)") }
    return record
  }

  private func number(_ text: String) throws -> Int64 {
    guard let number = Int64(text) else { throw Refusal(description: "no number: \(text)") }
    return number
  }

  private func seed(_ text: String) throws -> Int { Int(try number(text)) }

  private static func table(_ path: String, seed: Int) throws -> MemoryFile {
    MemoryFile(
      path: try EntryPath(path), bytes: tableBytes(seed: seed), modified: time(-50),
      isShared: true)
  }

  /// 700,001 bytes, more than the kernel asks for at a time.
  static func tableBytes(seed: Int) -> [UInt8] {
    (0..<700_001).map { UInt8(truncatingIfNeeded: ($0 &* 0x9e37_79b9 &* seed) >> 16) }
  }
}

struct Refusal: Error, CustomStringConvertible {
  let description: String
}
