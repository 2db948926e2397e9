// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import TestSupport
import Testing

@Suite("begin, commit --shard, abort")
struct ShardTests {
  struct Begun: Decodable {
    let number: Int64
    let shards: [String]
    let missing: [String]
    let deadlineSeconds: Double
    let existing: Bool
  }

  struct Committed: Decodable {
    let number: Int64
    let shard: String
    let files: Int
    let newFiles: Int
    let keptFiles: Int
    let existing: Bool
    let completed: Bool
    let missing: [String]
  }

  struct Statistics: Decodable {
    struct Pending: Decodable {
      let history: String
      let number: Int64
      let missing: [String]
    }

    let pending: [Pending]
    let pendingCheckpoints: Int
  }

  private func commit(
    _ directory: FilePath, _ shard: String, _ sample: Sample, number: Int = 1
  ) throws -> Outcome {
    try sample.run(
      "commit", directory.string, "--history", "orders", "--number", "\(number)", "--shard", shard,
      "--json")
  }

  @Test("The last of several processes completes the checkpoint; before, nobody sees it")
  func completes() throws {
    let sample = try Sample(committing: false)
    let begun = try sample.run("begin", "orders", "--shards", "b,a", "--json")
      .decoded(as: Begun.self)
    #expect(begun.number == 1 && begun.shards == ["a", "b"] && begun.missing == ["a", "b"])
    #expect(!begun.existing && begun.deadlineSeconds > 590 && begun.deadlineSeconds <= 600)
    let again = try sample.run("begin", "orders", "--shards", "a,b", "--number", "1")
    #expect(
      again.output.hasPrefix(
        "orders/chk-1 is pending already: waits for 2 of 2 shards: a, b; deadline in "))
    let first = try commit(sample.second, "b", sample).decoded(as: Committed.self)
    #expect(!first.completed && first.missing == ["a"] && first.newFiles > 0 && !first.existing)
    #expect(try sample.run("ls", "--json").output.contains("chk") == false)
    let show = try sample.run("show", "orders/chk-1")
    #expect(show.status == 3)
    #expect(
      show.errors.hasPrefix(
        "ckptfs: orders/chk-1 is pending: shard a not yet committed, deadline in "))
    let statistics = try sample.run("stats", "--json").decoded(as: Statistics.self)
    #expect(statistics.pendingCheckpoints == 1 && statistics.pending.first?.missing == ["a"])
    #expect(try sample.run("stats").output.contains("orders/chk-1 waits for 1 of 2 shards: a;"))
    let last = try commit(sample.first, "a", sample).decoded(as: Committed.self)
    #expect(last.completed && last.missing.isEmpty && last.keptFiles > 0)
    let copy = sample.path.appending("copy")
    try sample.succeed("restore", "orders/chk-1", copy.string)
    #expect(
      try Program.shell("diff -r cp-1 copy/a && diff -r cp-2 copy/b", in: sample.path).status == 0)
    #expect(try sample.run("fsck", "--read-data").status == 0)
    #expect(try sample.run("stats", "--json").decoded(as: Statistics.self).pending.isEmpty)
  }

  @Test(
    "In a mount each shard is a directory, and a table that two have is one inode",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"))
  func mounted() throws {
    let sample = try Sample(committing: false)
    try sample.succeed("begin", "orders", "--shards", "a,b")
    try sample.succeed("mount", sample.store.string, sample.mountPoint.string)
    defer { _ = try? Program.shell("$CKPTFS umount mnt", in: sample.path) }
    #expect(try commit(sample.first, "a", sample).status == 0)
    #expect(try Program.shell("ls -A mnt", in: sample.path).output.isEmpty)
    #expect(try commit(sample.second, "b", sample).status == 0)
    let limit = ContinuousClock.now + .seconds(30)
    while try Program.shell("ls mnt/orders/chk-1", in: sample.path).output != "a\nb\n",
      ContinuousClock.now < limit
    {}
    let outcome = try Program.shell(
      "diff -r cp-1 mnt/orders/chk-1/a && diff -r cp-2 mnt/orders/chk-1/b"
        + " && stat -c %h $(ls mnt/orders/chk-1/a/*.sst | head -1)", in: sample.path)
    #expect(outcome.output == "2\n" && outcome.status == 0, "\(outcome)")
  }

  @Test("A shard again is existing with the same content and refused with other, before and after")
  func again() throws {
    let sample = try Sample(committing: false)
    try sample.succeed("begin", "orders", "--shards", "a,b")
    for isCompleted in [false, true] {
      if isCompleted { #expect(try commit(sample.second, "b", sample).status == 0) }
      let first = try commit(sample.first, "a", sample)
      let second = try commit(sample.first, "a", sample).decoded(as: Committed.self)
      #expect(first.status == 0 && second.existing && second.newFiles == 0)
      #expect(second.completed == isCompleted && second.files > 0)
      let other = try commit(sample.second, "a", sample)
      #expect(other.status == 1 && other.errors.contains("with other content"))
    }
    #expect(try commit(sample.first, "c", sample).errors.contains("has no shard 'c'"))
    #expect(try sample.run("fsck", "--read-data").status == 0)
  }

  @Test("A directory that is no whole checkpoint is refused as a shard, too")
  func judged() throws {
    let sample = try Sample(committing: false)
    try sample.succeed("begin", "orders", "--shards", "a")
    #expect(try Program.shell("rm cp-1/*.sst", in: sample.path).status == 0)
    let outcome = try commit(sample.first, "a", sample)
    #expect(outcome.status == 1 && outcome.errors.contains("is incomplete"))
    #expect(try commit(sample.second, "a", sample).status == 0)
  }

  @Test("An aborted one takes no shard, and its number is not given again")
  func abort() throws {
    let sample = try Sample()
    try sample.succeed("begin", "orders", "--shards", "a,b")
    #expect(try commit(sample.first, "a", sample, number: 3).status == 0)
    #expect(try sample.run("abort", "orders/chk-3").output == "aborted orders/chk-3\n")
    #expect(try sample.run("abort", "orders/chk-3").status == 3)
    let late = try commit(sample.second, "b", sample, number: 3)
    #expect(late.status == 1 && late.errors.contains("\"expired\""))
    let begun = try sample.run("begin", "orders", "--shards", "a", "--json")
    #expect(try begun.decoded(as: Begun.self).number == 4)
    #expect(try sample.run("abort", "orders/chk-1").errors.contains("is completed, not pending"))
  }

  @Test("Of many missing shards people are told the first, and scripts all")
  func many() throws {
    let sample = try Sample(committing: false)
    let names = (10..<30).map { "s\($0)" }
    let begun = try sample.run("begin", "orders", "--shards", names.joined(separator: ","))
    #expect(
      begun.output.contains("20 of 20 shards: s10, s11")
        && begun.output.contains("s17 and 12 more;"))
    let statistics = try sample.run("stats", "--json").decoded(as: Statistics.self)
    #expect(statistics.pending.first?.missing == names)
    // What a user asks first who has begun one.
    let list = try sample.run("ls", "orders")
    #expect(list.status == 3)
    #expect(list.errors.hasPrefix("ckptfs: orders has no checkpoint yet: orders/chk-1 is pending:"))
  }

  @Test(
    "Wrong calls are told with what to write instead",
    arguments: [
      (["abort", "orders"], "write HISTORY/chk-N"),
      (["abort", "orders/latest"], "write HISTORY/chk-N"),
      (["begin", "orders", "--shards", "a,,b"], "is empty"),
      (["begin", "orders", "--shards", "a", "--deadline", "0s"], "in the future"),
      (["begin", "orders", "--shards", "a", "--deadline", "99999999999d"], "the greatest number"),
      (["commit", "cp-1", "--history", "orders", "--shard", "a"], "--shard needs --number"),
    ])
  func wrongCalls(_ arguments: [String], _ advice: String) throws {
    let sample = try Sample(committing: false)
    let outcome = try Program.run(arguments, store: sample.store, in: sample.path)
    #expect(outcome.status == 64 && outcome.errors.contains(advice), "\(outcome)")
  }

  @Test("Past its deadline it takes no shard; gc gives it up")
  func deadline() throws {
    let sample = try Sample(committing: false)
    try sample.succeed("begin", "orders", "--shards", "a", "--deadline", "1s")
    let limit = ContinuousClock.now + .seconds(60)
    while try !sample.run("show", "orders/chk-1").errors.contains("deadline passed"),
      ContinuousClock.now < limit
    {}
    let late = try commit(sample.first, "a", sample)
    #expect(late.status == 1 && late.errors.contains("\"expired\""))
    try sample.succeed("gc")
    let statistics = try sample.run("stats", "--json").decoded(as: Statistics.self)
    #expect(statistics.pendingCheckpoints == 0)
    #expect(try commit(sample.first, "a", sample).errors.contains("\"expired\""))
  }

  @Test("A plain commit of a number that waits for shards is busy")
  func busy() throws {
    let sample = try Sample(committing: false)
    try sample.succeed("begin", "orders", "--shards", "a", "--number", "7")
    let plain = try sample.run(
      "commit", sample.first.string, "--history", "orders", "--number", "7")
    #expect(plain.status == 4 && plain.errors.contains("--shard"))
    try sample.succeed("commit", sample.first.string, "--history", "orders")
    #expect(try sample.run("show", "orders/chk-8").status == 0)
  }

  @Test("A shard commit that is killed may be repeated at once")
  func killed() throws {
    let sample = try Sample(committing: false)
    try sample.succeed("begin", "orders", "--shards", "a")
    let line =
      "CKPTFS_STEPS=kill@settle-transaction $CKPTFS commit cp-1 --history orders --number 1 --shard a"
    #expect(try Program.shell(line, store: sample.store, in: sample.path).status != 0)
    #expect(try sample.run("show", "orders/chk-1").status == 3)
    #expect(try commit(sample.first, "a", sample).decoded(as: Committed.self).completed)
    try sample.succeed("gc")
    #expect(try sample.run("fsck", "--read-data").status == 0)
  }
}
