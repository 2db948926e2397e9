// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite("Examples for other languages")
struct ExamplesTests {
  private static let examples = Program.packaging.removingLastComponent().appending("Examples")

  @Test(
    "a program in C++ keeps checkpoints of its database while it is open",
    .enabled(if: Tool.exists("g++", "make", "pkg-config"), "it needs g++, make and pkg-config"))
  func cpp() throws {
    let scratch = try ScratchDirectory()
    let source = scratch.path.appending("cpp")
    try succeed(["cp", "-r", Self.examples.appending("cpp").string, source.string], scratch)
    try succeed(["make", "-s", "-C", source.string, "CXXFLAGS=-O0 -Wall -Wextra -Werror"], scratch)
    try check([source.appending("commit_checkpoints").string], scratch, columnFamily: "orders")
  }

  @Test(
    "a program in Python keeps checkpoints of its database while it is open",
    .enabled(if: Tool.exists("python3"), "it needs python3"))
  func python() throws {
    let scratch = try ScratchDirectory()
    let program = Self.examples.appending("python/commit_checkpoints.py")
    try check(["python3", program.string], scratch, columnFamily: "default")
  }

  /// Runs an example, with a left-over of a run that was killed in its way, and looks at what it has kept.
  private func check(
    _ command: [String], _ scratch: ScratchDirectory, columnFamily: String
  ) throws {
    let store = scratch.path.appending("store")
    let database = scratch.path.appending("db")
    #expect(try Program.run(["init"], store: store).status == 0)
    let leftOver = try scratch.directory("db.checkpoint.tmp")
    try FileSystemCalls.makeDirectory(leftOver.appending("sub"))

    let output = try succeed(command + [database.string, "orders"], scratch)
    let kept = try output.split(separator: "\n").map {
      try JSONDecoder().decode(Committed.self, from: Data($0.utf8))
    }
    #expect(kept.map(\.number) == [1, 2, 3])
    #expect(kept.dropFirst().allSatisfy { $0.keptFiles > 0 && $0.newBytes < $0.fullBytes })
    #expect(try scratch.path.names.filter { $0.contains(".checkpoint") } == [])
    for number in 1...3 {
      let restored = scratch.path.appending("restored-\(number)")
      #expect(
        try Program.run(["restore", "orders/chk-\(number)", restored.string], store: store).status
          == 0)
      let copy = try Database(readOnly: restored)
      #expect(try copy.get(Array("round".utf8)) == Array("\(number)".utf8))
      for round in 1...3 {
        let row = try copy.get(Array("\(round)999".utf8), in: copy.columnFamily(columnFamily))
        #expect((row != nil) == (round <= number))
      }
    }

    let refused = try run(command + [database.string, "chk-1"], scratch)
    #expect(refused.status == 1)
    #expect(try scratch.path.names.filter { $0.contains(".checkpoint") } == [])
  }

  private func run(_ command: [String], _ scratch: ScratchDirectory) throws -> Outcome {
    try Tool.run(command, ["CKPTFS_STORE": scratch.path.appending("store").string])
  }

  @discardableResult
  private func succeed(_ command: [String], _ scratch: ScratchDirectory) throws -> String {
    let outcome = try run(command, scratch)
    try #require(outcome.status == 0, "\(command.joined(separator: " ")): \(outcome.errors)")
    return outcome.output
  }
}
