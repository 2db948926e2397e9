// SPDX-License-Identifier: Apache-2.0

import Foundation
import RocksDB
import SystemPackage

/// One run of one contender, told in a line of JSON. `Benchmarks/engine` has them take turns.
///
///     SnapshotCost template DIRECTORY ROWS            a database to begin with
///     SnapshotCost latency DIRECTORY TEMPLATE CONTENDER MEMTABLE-MIB SECONDS
///     SnapshotCost increment DIRECTORY TEMPLATE CONTENDER
///
/// DIRECTORY is made, and left to whoever asked for it.
@main
struct SnapshotCost {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst().map(\.self)
    switch (arguments.first, arguments.count) {
    case ("template", 3): try template(FilePath(arguments[1]), rows: Int(arguments[2]) ?? 0)
    case ("latency", 6):
      try report(
        try await LatencyRun(
          directory: FilePath(arguments[1]), template: FilePath(arguments[2]),
          contender: try LatencyRun.Contender(arguments[3]),
          memtable: (Int(arguments[4]) ?? 0) << 20,
          duration: .seconds(Int(arguments[5]) ?? 0)
        ).run())
    case ("increment", 4):
      var run = IncrementRun(
        directory: FilePath(arguments[1]), template: FilePath(arguments[2]),
        contender: arguments[3])
      try report(try await run.run())
    default:
      print("usage: SnapshotCost template|latency|increment …; see Benchmarks/engine")
      exit(64)
    }
  }

  private static func report(_ figures: some Encodable) throws {
    print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
  }

  private static func template(_ path: FilePath, rows: Int) throws {
    let database = try Database(path, options: Rows.options(memtable: 16 << 20))
    for row in 0..<rows { try database.put(Rows.key(row), Rows.value(row)) }
    try database.flush()
    try database.compact()
  }
}

/// What is written: 16-byte keys and 400 bytes of noise.
enum Rows {
  static func options(memtable: Int) -> DatabaseOptions {
    var options = DatabaseOptions()
    options.writeBufferSize = memtable
    options.targetFileSize = 16 << 20
    options.compression = .none
    return options
  }

  static func key(_ row: Int) -> [UInt8] {
    var key = [UInt8](repeating: 0x30, count: 16)
    var rest = row
    for index in key.indices.reversed() where rest > 0 {
      key[index] = 0x30 + UInt8(rest % 10)
      rest /= 10
    }
    return key
  }

  private static let noise: [UInt8] = (0..<65_536).map { _ in UInt8.random(in: 0...255) }

  static func value(_ seed: Int) -> [UInt8] {
    let start = (seed &* 31) & 0x7fff
    return Array(noise[start..<start + 400])
  }

  /// The same numbers in each run.
  struct Sequence: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }
}
