// SPDX-License-Identifier: Apache-2.0

extension Interleaving {
  /// A commit of contents that only another history's checkpoint holds, which is dropped and collected.
  package static let commitBesideCollection = Interleaving(
    name: "commit beside drop and collect of the same contents", preparation: Scene.histories,
    stopped: sameAsFirst("c"),
    meanwhile: [.drop(history: "a", numbers: [1], force: false), .collect])

  /// A commit whose base is dropped and collected.
  package static let commitBesideLossOfBase = Interleaving(
    name: "commit beside drop and collect of its base", preparation: Scene.histories,
    stopped: Scene.nextCommit, meanwhile: lossOfBase)

  /// The same, but what the base has is recognised by evidence: nothing but the lease keeps it.
  package static let recognisedCommitBesideLossOfBase = Interleaving(
    name: "commit of recognised files beside drop and collect of its base",
    preparation: Scene.histories, stopped: Scene.unchangedCommit, meanwhile: lossOfBase,
    hasEvidence: true)

  private static let lossOfBase: [Operation] = [
    .commit(
      history: "a", number: 9, files: [SyntheticFile("CURRENT", 110, isShared: false)], tag: nil),
    .drop(history: "a", numbers: [1, 2, 3], force: true),
    .collect,
  ]

  /// A collection of contents that are committed again meanwhile.
  package static let collectionBesideCommit = Interleaving(
    name: "collect beside commit of the same contents",
    preparation: Scene.histories + [.drop(history: "a", numbers: [1], force: false)],
    stopped: .collect, meanwhile: [sameAsFirst("c")])

  /// A commit beside a collection, which must take it for alive.
  package static let commitBesideIdleCollection = Interleaving(
    name: "commit beside collect", preparation: Scene.histories, stopped: Scene.nextCommit,
    meanwhile: [.collect])

  /// The same, but the commit dies after the collection.
  package static let killedCommitBesideCollection = Interleaving(
    name: "commit killed after collect", preparation: Scene.histories, stopped: Scene.nextCommit,
    meanwhile: [.collect], kills: true)

  /// A restore of a checkpoint that is dropped and collected.
  package static let restoreBesideDrop = Interleaving(
    name: "restore beside drop and collect", preparation: Scene.histories,
    stopped: .restore(history: "a", number: 1, destination: "copy", linking: false),
    meanwhile: [.drop(history: "a", numbers: [1], force: false), .collect],
    mayFail: ["noSuchCheckpoint", "noSuchHistory"])

  /// A commit that was given up while it was stopped: it can no longer complete. Where the other had to wait for it, what
  /// it stages can go while it is staging.
  package static let forsakenCommit = Interleaving(
    name: "commit that is given up", preparation: Scene.histories,
    stopped: .commit(
      history: "a", number: 4, files: Scene.files(of: Scene.histories[4]), tag: nil),
    meanwhile: [.forsake], mayFail: ["expired", "io"],
    mustFailAt: [
      "reserve-transaction", "place-blob", "sync-blob-directory", "sync-staged-file",
      "settle-transaction", "recheck-source",
    ])

  /// Two commits of the same new contents.
  package static let twoCommits = Interleaving(
    name: "commit beside commit of the same contents", preparation: Scene.histories,
    stopped: fresh("c"), meanwhile: [fresh("d")])

  /// Two commits to one history, neither with a number.
  package static let twoCommitsToOneHistory = Interleaving(
    name: "commit beside commit to the same history", preparation: Scene.histories,
    stopped: fresh("b"), meanwhile: [fresh("b")])

  /// A shard of a checkpoint whose base is dropped and collected.
  package static let shardBesideLossOfBase = Interleaving(
    name: "shard beside drop and collect of the base", preparation: Scene.histories + [Scene.begin],
    stopped: Scene.firstShard, meanwhile: lossOfBase)

  /// The last shard, after which all is counted, beside the same.
  package static let lastShardBesideLossOfBase = Interleaving(
    name: "last shard beside drop and collect of the base",
    preparation: Scene.histories + [Scene.begin, Scene.firstShard], stopped: Scene.lastShard,
    meanwhile: lossOfBase)

  /// Two shards at once, one of which completes the checkpoint.
  package static let twoShards = Interleaving(
    name: "shard beside another shard", preparation: Scene.histories + [Scene.begin],
    stopped: Scene.firstShard, meanwhile: [Scene.lastShard])

  /// One shard twice at once.
  package static let shardTwice = Interleaving(
    name: "shard beside the same shard", preparation: Scene.histories + [Scene.begin],
    stopped: Scene.firstShard, meanwhile: [Scene.firstShard])

  package static let all = [
    commitBesideCollection, commitBesideLossOfBase, recognisedCommitBesideLossOfBase,
    collectionBesideCommit,
    commitBesideIdleCollection, killedCommitBesideCollection, restoreBesideDrop, forsakenCommit,
    twoCommits, twoCommitsToOneHistory, shardBesideLossOfBase, lastShardBesideLossOfBase, twoShards,
    shardTwice,
  ]

  private static func sameAsFirst(_ history: String) -> Operation {
    .commit(history: history, number: 1, files: Scene.files(of: Scene.histories[1]), tag: nil)
  }

  private static func fresh(_ history: String) -> Operation {
    .commit(
      history: history, number: nil,
      files: [
        SyntheticFile("000001.sst", 50, isShared: true),
        SyntheticFile("000002.sst", 51, isShared: true),
        SyntheticFile("CURRENT", 150, isShared: false),
      ], tag: nil)
  }
}
