// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import TestSupport
import Testing

@Suite("prune")
struct PruningTests {
  struct Answer: Decodable {
    struct Kept: Decodable {
      let number: Int64
      let reasons: [String]
    }

    struct Dropped: Decodable {
      let number: Int64
    }

    let kept: [Kept]
    let dropped: [Dropped]
    let releasedBlobs: Int
    let releasedBytes: Int
    let dryRun: Bool
  }

  /// chk-1 and chk-3 have the same content, chk-2 and chk-4 another.
  private func fourCheckpoints() throws -> Sample {
    let sample = try Sample()
    try sample.succeed("commit", sample.first.string, "--history", "orders")
    try sample.succeed("commit", sample.second.string, "--history", "orders")
    return sample
  }

  @Test("Without a rule it is a wrong call, and drops nothing")
  func noRule() throws {
    let sample = try Sample()
    for arguments in [["prune", "orders"], ["prune", "orders", "--keep-daily", "0"]] {
      let outcome = try Program.run(arguments, store: sample.store)
      #expect(outcome.status == 64 && outcome.errors.contains("--keep-last"))
    }
    #expect(try sample.run("prune", "orders", "--keep-last", "-1").status == 64)
    #expect(try sample.run("prune", "nothing", "--keep-last", "1").status == 3)
    #expect(try sample.run("show", "orders/chk-1").status == 0)
  }

  @Test("A dry run explains each decision and changes nothing; the real one does just that")
  func rehearsal() throws {
    let sample = try fourCheckpoints()
    try sample.succeed("tag", "orders/chk-2", "gold")
    let explained = try sample.run("prune", "orders", "--keep-last", "1", "--dry-run")
    let lines = explained.output.split(separator: "\n")
    #expect(
      lines.prefix(4) == [
        "chk-1 dropped", "chk-2 kept: tag gold", "chk-3 dropped", "chk-4 kept: latest, last",
      ])
    #expect(lines[4] == "would drop 2 checkpoints of orders, keep 2")
    #expect(try sample.run("show", "orders/chk-1").status == 0)
    let rehearsal = try sample.run("prune", "orders", "--keep-last", "1", "--dry-run", "--json")
      .decoded(as: Answer.self)
    let answer = try sample.run("prune", "orders", "--keep-last", "1", "--json")
      .decoded(as: Answer.self)
    #expect(rehearsal.dryRun && !answer.dryRun)
    #expect(answer.dropped.map(\.number) == [1, 3] && rehearsal.dropped.map(\.number) == [1, 3])
    #expect(answer.kept.map(\.number) == [2, 4])
    #expect(answer.kept.map(\.reasons) == [["tag gold"], ["latest", "last"]])
    #expect(answer.releasedBlobs == rehearsal.releasedBlobs && answer.releasedBlobs > 0)
    let collected = try sample.run("gc", "--json").decoded(as: Collected.self)
    #expect(collected.removedBlobs == answer.releasedBlobs)
    #expect(collected.removedBytes == answer.releasedBytes)
    #expect(try sample.run("fsck", "--read-data").status == 0)
    let again = try sample.run("prune", "orders", "--keep-last", "1")
    #expect(
      again.status == 0 && again.output.hasPrefix("dropped 0 checkpoints of orders, kept 2\n"))
  }

  @Test("With --force a tagged one goes, too, unless --keep-tag names it")
  func force() throws {
    let sample = try fourCheckpoints()
    try sample.succeed("tag", "orders/chk-1", "gold-1")
    try sample.succeed("tag", "orders/chk-2", "silver")
    try sample.succeed("prune", "orders", "--keep-tag", "gold-*", "--force")
    #expect(try sample.run("show", "orders/chk-1").status == 0)
    #expect(try sample.run("show", "orders/chk-2").status == 3)
    #expect(try sample.run("show", "orders/tags/silver").status == 3)
    #expect(try sample.run("show", "orders/chk-3").status == 3)
    #expect(try sample.run("show", "orders/chk-4").status == 0)
  }

  @Test("Rules add up: what one of them keeps is kept")
  func calendar() throws {
    let sample = try fourCheckpoints()
    let arguments = [
      "--keep-hourly", "24", "--keep-daily", "7", "--keep-weekly", "4", "--keep-monthly", "12",
      "--keep-within", "7d",
    ]
    try sample.succeed("prune", "orders", "--keep-last", "2")
    let outcome = try Program.run(
      ["prune", "orders", "--dry-run"] + arguments, store: sample.store)
    #expect(outcome.output.hasPrefix("chk-3 kept: "))
    #expect(outcome.output.contains("would drop 0 checkpoints of orders, keep 2"))
    #expect(outcome.output.contains("chk-4 kept: latest, hourly 2"))
  }
}
