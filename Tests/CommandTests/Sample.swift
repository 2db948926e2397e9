// SPDX-License-Identifier: Apache-2.0

import RocksDB
import SystemPackage
import TestSupport

/// A store with two checkpoints of a real database, `orders/chk-1` and `orders/chk-2`, that share a file.
struct Sample {
  let scratch: ScratchDirectory
  var path: FilePath { scratch.path }
  var store: FilePath { path.appending("store") }
  var mountPoint: FilePath { path.appending("mnt") }
  /// The checkpoints' directories as RocksDB made them.
  var first: FilePath { path.appending("cp-1") }
  var second: FilePath { path.appending("cp-2") }
  /// The database that they are of; closed.
  var database: FilePath { path.appending("db") }

  init(committing: Bool = true) throws {
    scratch = try ScratchDirectory()
    _ = try scratch.directory("mnt")
    let database = try Database(path.appending("db"))
    try database.put(Array("a".utf8), [UInt8](repeating: 1, count: 5000))
    try database.createCheckpoint(at: path.appending("cp-1"), flush: .always)
    try database.put(Array("b".utf8), [UInt8](repeating: 2, count: 3000))
    try database.createCheckpoint(at: path.appending("cp-2"), flush: .always)
    try succeed("init")
    guard committing else { return }
    try succeed("commit", first.string, "--history", "orders")
    try succeed("commit", second.string, "--history", "orders")
  }

  /// Runs `ckptfs` on the store.
  func run(_ arguments: String...) throws -> Outcome {
    try Program.run(arguments, store: store, in: path)
  }

  /// Runs what is no part of the test, and must work.
  @discardableResult
  func succeed(_ arguments: String...) throws -> Outcome {
    let outcome = try Program.run(arguments, store: store, in: path)
    guard outcome.status == 0 else {
      throw UnexpectedEnd(command: arguments.joined(separator: " "), outcome: outcome)
    }
    return outcome
  }
}
