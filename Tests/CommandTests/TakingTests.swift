// SPDX-License-Identifier: Apache-2.0

import Foundation
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite("Commands that take checkpoints")
struct TakingTests {
  @Test("init makes a store, and says on an existing one that it is there, with exit status 0")
  func initTwice() throws {
    let scratch = try ScratchDirectory()
    let store = scratch.path.appending("s")
    let first = try Program.run(["init"], store: store)
    #expect(first.status == 0 && first.output == "made a store in '\(store)'\n")
    let second = try Program.run(["init", "--store", store.string])
    #expect(second.status == 0)
    #expect(second.output == "'\(store)' is a store already; nothing was changed\n")
    let json = try Program.run(["--store", store.string, "--json", "init"])
    #expect(json.output == "{\"created\":false,\"store\":\"\(store)\"}\n")
  }

  @Test("commit tells what is new and what is kept, and the same again is no failure")
  func commit() throws {
    let sample = try Sample(committing: false)
    let first = try sample.run("commit", sample.first.string, "--history", "orders", "--json")
      .decoded(as: Committed.self)
    #expect(first.history == "orders" && first.number == 1 && !first.existing)
    #expect(first.newFiles == first.files && first.keptFiles == 0)
    #expect(first.fullBytes == first.newBytes && first.fullBytes > 5000)
    let second = try sample.run("commit", sample.second.string, "--history", "orders", "--json")
      .decoded(as: Committed.self)
    #expect(second.number == 2 && second.keptFiles >= 1)
    #expect(second.newFiles + second.keptFiles == second.files)
    #expect(second.newBytes < second.fullBytes && second.durationSeconds > 0)
    let again = try sample.run(
      "commit", sample.second.string, "--history", "orders", "--number", "2", "--json"
    ).decoded(as: Committed.self)
    #expect(again.existing && again.number == 2)
  }

  @Test("commit of other content under a number that is there fails")
  func commitOther() throws {
    let sample = try Sample()
    let outcome = try sample.run(
      "commit", sample.first.string, "--history", "orders", "--number", "2", "--json")
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    let error = try JSONDecoder().decode(ErrorShape.self, from: Data(outcome.errors.utf8)).error
    #expect(error.code == "exists" && error.message.contains("orders/chk-2"))
  }

  @Test("snapshot keeps a closed database, and refuses an open one as busy")
  func snapshot() throws {
    let sample = try Sample(committing: false)
    let closed = try sample.run("snapshot", "--db", sample.database.string, "--history", "db")
    #expect(closed.status == 0 && closed.output.hasPrefix("committed db/chk-1: "))
    let database = try Database(sample.database)
    let open = try sample.run("snapshot", "--db", sample.database.string, "--history", "db")
    #expect(open.status == 4 && open.errors.hasPrefix("ckptfs: "))
    #expect(open.errors.contains("--live"))
    withExtendedLifetime(database) {}
  }

  @Test("commit refuses a live database, and what it recommends takes it")
  func commitLive() throws {
    let sample = try Sample(committing: false)
    let database = try Database(sample.database)
    let refused = try sample.run("commit", "db", "--history", "db")
    let advice = "ckptfs snapshot --live --db '\(sample.database)'"
    #expect(refused.status == 4 && refused.errors.hasSuffix("\(advice)\n"), "\(refused)")
    #expect(
      try sample.run("snapshot", "--live", "--db", sample.database.string, "--history", "db").status
        == 0)
    withExtendedLifetime(database) {}
  }

  @Test("A tag that an existing checkpoint gets is told, and one that it has is no change")
  func tagExisting() throws {
    let sample = try Sample()
    func commit() throws -> Outcome {
      try sample.run(
        "commit", sample.first.string, "--history", "orders", "--number", "1", "--tag", "late")
    }
    let there = "orders/chk-1 is there already, with the same content"
    #expect(try commit().output == "\(there)\ntagged orders/chk-1 as orders/tags/late\n")
    #expect(try commit().output == "\(there); nothing was changed\n")
  }

  @Test("Where hard links were asked for and none were made, a warning says so and why")
  func noLinks() throws {
    let sample = try Sample(committing: false)
    #expect(try Program.shell("touch cp-1/LOCK", in: sample.path).status == 0)
    let copied = try sample.run(
      "commit", sample.first.string, "--history", "h", "--ingest", "link")
    #expect(copied.status == 0 && copied.output.contains("\nwarning: nothing was hard-linked"))
    let linked = try sample.run(
      "commit", sample.second.string, "--history", "h", "--ingest", "link")
    #expect(linked.status == 0 && !linked.output.contains("warning"), "\(linked)")
    try sample.succeed("begin", "h", "--shards", "a")
    let shard = try sample.run(
      "commit", sample.first.string, "--history", "h", "--number", "3", "--shard", "a",
      "--ingest", "link")
    #expect(shard.status == 0 && shard.output.contains("\nwarning: nothing was hard-linked"))
  }

  @Test("snapshot --live keeps an open database, and says what was verified and what is assumed")
  func live() throws {
    let sample = try Sample(committing: false)
    let database = try Database(sample.database)
    try database.put(Array("c".utf8), [1])
    let said = try sample.run(
      "snapshot", "--live", "--db", sample.database.string, "--history", "db")
    #expect(said.status == 0 && said.output.hasPrefix("committed db/chk-1: "))
    #expect(said.output.contains("\nverified: it opens"))
    #expect(said.output.contains("\nassumed: No write skips the log (disableWAL)"))
    let told = try sample.run(
      "snapshot", "--live", "--db", sample.database.string, "--history", "db", "--json")
    let live = try told.decoded(as: LiveShape.self)
    #expect(live.number == 2 && live.live && live.verified && live.tries == 1)
    #expect(live.lastSequence == 3 && live.logs >= 1 && live.logBytes > 0)
    #expect(live.newFiles + live.keptFiles == live.files && live.assumptions.count == 2)
    let restored = sample.path.appending("restored")
    try sample.succeed("restore", "db/chk-2", restored.string)
    #expect(try Database(readOnly: restored).get(Array("c".utf8)) == [1])
    withExtendedLifetime(database) {}
  }

  @Test("snapshot --live refuses what it cannot cover, with the reason, and exits with 1")
  func liveRefused() throws {
    let sample = try Sample(committing: false)
    var options = DatabaseOptions()
    options.others = ["manual_wal_flush": "true"]
    let database = try Database(sample.database, options: options)
    let outcome = try sample.run(
      "snapshot", "--live", "--db", sample.database.string, "--history", "db", "--json")
    let error = try JSONDecoder().decode(ErrorShape.self, from: Data(outcome.errors.utf8)).error
    #expect(outcome.status == 1 && error.code == "unsupported")
    #expect(error.message.contains("manual_wal_flush"))
    let usage = try sample.run(
      "snapshot", "--db", sample.database.string, "--history", "db", "--work-directory", "/tmp")
    #expect(usage.status == 64)
    withExtendedLifetime(database) {}
  }
}

/// What `snapshot --live --json` tells.
private struct LiveShape: Decodable {
  let number: Int
  let files: Int
  let newFiles: Int
  let keptFiles: Int
  let live: Bool
  let verified: Bool
  let tries: Int
  let lastSequence: Int
  let logs: Int
  let logBytes: Int
  let assumptions: [String]
}
