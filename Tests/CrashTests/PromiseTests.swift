// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import DurabilitySteps
import Testing

/// What each promise says of crashes; the harness in CrashHarness holds a store to all of them at once.
///
/// `CrashRunner` tries more: every step instead of every few, and as many seeds as one likes.
@Suite("Crashes", .serialized)
struct PromiseTests {
  @Test(
    "P1 P3 P6 P8: an operation killed at a step is there whole or not at all, nothing acknowledged is lost, counts are exact, gc reclaims the rest, and a lost catalog comes back",
    .timeLimit(.minutes(60)),
    arguments: [
      ("create", 1), ("first-commit", 9), ("commit", 7), ("recognised-commit", 7), ("abort", 9),
      ("tag", 5), ("untag", 5),
      ("begin", 1), ("first-shard", 7), ("last-shard", 7), ("abort-shards", 1),
      ("rename", 5), ("drop", 3), ("forced-drop", 9), ("restore", 7), ("link-restore", 7),
      ("collect", 11), ("repair", 9), ("read-all", 4), ("rebuild", 2),
      ("rebuild-beside-old", 2),
    ])
  func killedAtSteps(scene: String, stride: Int) throws {
    #expect(try KillingEveryStep(.named(scene)).run(stride: stride) > 0)
  }

  @Test(
    "P6: random runs killed at random instants lose nothing that was acknowledged",
    .timeLimit(.minutes(60)), arguments: [UInt64(20), 21])
  func killedAtRandom(seed: UInt64) throws {
    let count = try RandomKilling(seed: seed).run(rounds: 6)
    #expect(count.rounds == 6)
  }

  @Test(
    "P9: a repair killed at a step loses no bad file, and shows none", .timeLimit(.minutes(60)))
  func quarantining() throws {
    #expect(try Quarantining().run(stride: 2) > 0)
  }

  @Test("P6: opening a store completes what a killed commit had decided", .timeLimit(.minutes(60)))
  func recovery() throws {
    try Recovery().run()
  }

  @Test(
    "P2: every step is synced before the next relies on it, and before the acknowledgement",
    .enabled(if: TracedOperation.isPossible, "strace is missing or may not trace"),
    .timeLimit(.minutes(60)), arguments: Scene.all.map(\.name))
  func order(scene: String) throws {
    #expect(try TracedOperation(.named(scene)).run() > 0)
  }

  @Test(
    "P4: whatever one process is stopped at, dropping, collecting and committing beside it takes nothing away from it",
    .timeLimit(.minutes(60)),
    arguments: [
      (Interleaving.commitBesideCollection, 7), (.commitBesideLossOfBase, 11),
      (.recognisedCommitBesideLossOfBase, 7),
      (.collectionBesideCommit, 7), (.commitBesideIdleCollection, 13),
      (.killedCommitBesideCollection, 17), (.restoreBesideDrop, 3), (.twoCommits, 13),
      (.twoCommitsToOneHistory, 13), (.shardBesideLossOfBase, 13), (.lastShardBesideLossOfBase, 13),
      (.twoShards, 13), (.shardTwice, 13),
    ])
  func interleaved(interleaving: Interleaving, stride: Int) throws {
    #expect(try interleaving.run(stride: stride).stops > 0)
  }

  @Test(
    "P7: a commit that was given up while it was stopped can no longer complete",
    .timeLimit(.minutes(60)))
  func forsaken() throws {
    #expect(try Interleaving.forsakenCommit.run(stride: 3).stops > 0)
  }

  @Test("P7: a shard that comes after the deadline is refused", .timeLimit(.minutes(60)))
  func lateShard() throws {
    try LateShard().run()
  }

  @Test("P5: a source that changes while it is taken in is refused", .timeLimit(.minutes(60)))
  func changingSource() throws {
    try ChangingSource().run()
  }

  @Test(
    "the harness notices a step that is left out",
    .timeLimit(.minutes(60)),
    arguments: ["sync-staged-file", "record-outbox", "place-manifest", "recheck-source"])
  func mutants(step: String) throws {
    let mutant = try #require(Mutant.all.first { $0.name == step })
    #expect(mutant.caught() != nil)
  }

  @Test("every step that can be left out has a mutant, or a reason why not")
  func everyStepIsTried() {
    #expect(Mutant.untried.isEmpty)
  }
}
