// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// A store with something in it, to which something is done.
package struct Scene: Sendable {
  package let name: String
  package let preparation: [Operation]
  /// Whether a commit killed half way is to be found, too.
  package let hasLeftovers: Bool
  /// Whether the catalog is to be lost.
  package let losesCatalog: Bool
  /// What is done last: each catalog that did one is gone as a killed process leaves it, with that in its log only. Between
  /// them it is made anew.
  package let logged: [Operation]
  /// What is to happen to the files of the blobs.
  package let damage: Damage?
  /// Whether files are to be recognised by evidence: it is of the very files that were hashed, which a
  /// copy of the site does not have.
  package let hasEvidence: Bool
  package let operation: Operation

  init(
    _ name: String, _ operation: Operation, after more: [Operation] = [],
    hasLeftovers: Bool = false, losesCatalog: Bool = false, logged: [Operation] = [],
    damage: Damage? = nil, hasEvidence: Bool = false,
    preparation: [Operation] = Scene.histories
  ) {
    self.name = name
    self.operation = operation
    self.hasLeftovers = hasLeftovers
    self.losesCatalog = losesCatalog
    self.logged = logged
    self.damage = damage
    self.hasEvidence = hasEvidence
    self.preparation = preparation + more
  }

  package var before: Model { Model(after: preparation + logged) }

  /// Two histories that share contents; `a` has three checkpoints, the second tagged twice.
  static let histories: [Operation] = [
    .create,
    .commit(
      history: "a", number: 1,
      files: [
        SyntheticFile("000001.sst", 1, isShared: true),
        SyntheticFile("000002.sst", 2, isShared: true),
        SyntheticFile("CURRENT", 100, isShared: false),
        SyntheticFile("MANIFEST-000003", 101, isShared: false),
        SyntheticFile("lost/empty", 0, isShared: false),
      ], tag: nil),
    .commit(
      history: "a", number: 2,
      files: [
        SyntheticFile("000001.sst", 1, isShared: true),
        SyntheticFile("000004.sst", 4, isShared: true),
        SyntheticFile("CURRENT", 102, isShared: false),
        SyntheticFile("MANIFEST-000003", 103, isShared: false),
      ], tag: "keep"),
    .tag(history: "a", number: 2, name: "too"),
    .commit(
      history: "a", number: 3,
      files: [
        SyntheticFile("000004.sst", 4, isShared: true),
        SyntheticFile("000005.sst", 5, isShared: true),
        SyntheticFile("CURRENT", 104, isShared: false),
      ], tag: nil),
    .commit(
      history: "b", number: 1,
      files: [
        SyntheticFile("000001.sst", 5, isShared: true),
        SyntheticFile("CURRENT", 102, isShared: false),
      ], tag: nil),
  ]

  /// Unchanged files, a content that another checkpoint has, new ones, and a name with other bytes.
  static let nextCommit = Operation.commit(
    history: "a", number: 4,
    files: [
      SyntheticFile("000004.sst", 4, isShared: true),
      SyntheticFile("000002.sst", 2, isShared: true),
      SyntheticFile("000005.sst", 6, isShared: true),
      SyntheticFile("lost/000007.sst", 7, isShared: true),
      SyntheticFile("CURRENT", 105, isShared: false),
      SyntheticFile("MANIFEST-000003", 105, isShared: false),
    ], tag: nil)

  /// The same tables as in the base: their page is recognised as a whole.
  static let unchangedCommit = Operation.commit(
    history: "a", number: 4,
    files: [
      SyntheticFile("000004.sst", 4, isShared: true),
      SyntheticFile("000005.sst", 5, isShared: true),
      SyntheticFile("CURRENT", 107, isShared: false),
    ], tag: nil)

  static let firstCommit = Operation.commit(
    history: "c", number: 1,
    files: [
      SyntheticFile("000001.sst", 8, isShared: true),
      SyntheticFile("CURRENT", 106, isShared: false),
    ], tag: "start")

  static let importing = Operation.importFiles(
    history: "a", number: 4, files: files(of: nextCommit))

  static let begin = Operation.begin(history: "a", number: 4, shards: ["x", "x-y"])

  /// Files that the base has, one that another checkpoint has, and new ones.
  static let firstShard = Operation.commitShard(
    history: "a", number: 4, shard: "x",
    files: [
      SyntheticFile("000004.sst", 4, isShared: true),
      SyntheticFile("000002.sst", 2, isShared: true),
      SyntheticFile("000007.sst", 7, isShared: true),
      SyntheticFile("CURRENT", 105, isShared: false),
      SyntheticFile("lost/OPTIONS-1", 107, isShared: false),
    ])

  static let lastShard = Operation.commitShard(
    history: "a", number: 4, shard: "x-y",
    files: [
      SyntheticFile("000004.sst", 4, isShared: true),
      SyntheticFile("000008.sst", 8, isShared: true),
      SyntheticFile("CURRENT", 105, isShared: false),
    ])

  /// One scene for each kind of operation, and for what is special about some.
  package static let all: [Scene] = [
    Scene("create", .create, preparation: []),
    Scene("first-commit", firstCommit),
    Scene("commit", nextCommit),
    Scene("recognised-commit", unchangedCommit, hasEvidence: true),
    Scene("abort", .abort(history: "c", files: files(of: nextCommit))),
    Scene("begin", begin),
    Scene("first-shard", firstShard, after: [begin]),
    Scene("last-shard", lastShard, after: [begin, firstShard]),
    Scene("abort-shards", .abortShards(history: "a", number: 4), after: [begin, firstShard]),
    Scene("tag", .tag(history: "a", number: 1, name: "new")),
    Scene("untag", .untag(history: "a", name: "keep")),
    Scene("rename", .rename(history: "a", name: "z")),
    Scene("drop", .drop(history: "a", numbers: [1], force: false)),
    Scene("forced-drop", .drop(history: "a", numbers: [1, 2], force: true)),
    Scene("withdraw", .withdraw(history: "a", number: 4), after: [unconfirmed(nextCommit)]),
    Scene(
      "withdraw-only", .withdraw(history: "c", number: 1), after: [unconfirmed(firstCommit)]),
    Scene("import", importing),
    Scene("prune", .prune(history: "a", last: 1)),
    Scene("restore", .restore(history: "a", number: 1, destination: "copy", linking: false)),
    Scene("link-restore", .restore(history: "a", number: 1, destination: "link", linking: true)),
    Scene("rebuild", .rebuild, losesCatalog: true),
    // Sound, so that whatever is there after a kill can be asked whether it is all of it; a rebuild does not read it. What an
    // earlier one kept, with a log of its own, is there, too.
    Scene(
      "rebuild-beside-old", .rebuild,
      logged: [logged, .tag(history: "a", number: 1, name: "twice")]),
    Scene("repair", .repair, damage: Damage(copiesGood: true)),
    Scene("read-all", .readAll),
    Scene(
      "collect", .collect, after: [.drop(history: "a", numbers: [1, 2], force: true)],
      hasLeftovers: true),
  ]

  /// What a log is left with.
  static let logged = Operation.tag(history: "a", number: 1, name: "once")

  /// The same commit, to be confirmed yet.
  private static func unconfirmed(_ operation: Operation) -> Operation {
    guard case .commit(let history, let number?, let files, _) = operation else {
      preconditionFailure("only a commit of a number waits to be confirmed")
    }
    return .commit(
      history: history, number: number, files: files, tag: "unconfirmed-\(number)")
  }

  package static func named(_ name: String) -> Scene {
    guard let scene = all.first(where: { $0.name == name }) else {
      preconditionFailure("there is no scene '\(name)'")
    }
    return scene
  }

  static func files(of operation: Operation) -> [SyntheticFile] {
    guard case .commit(_, _, let files, _) = operation else { return [] }
    return files
  }

  /// The store is closed again on return.
  private func perform(_ operations: [Operation], in site: Site) throws {
    var performer = try Performer(site: site.root, work: site.work(of: "main"))
    for operation in operations { _ = try performer.perform(operation) }
  }

  /// A site in which the scene was prepared, as it was in another.
  func site(like prepared: Site) throws -> Site {
    guard hasEvidence else { return try Site(copying: prepared) }
    let site = try Site()
    try prepare(site)
    return site
  }

  /// Makes the store in an empty site.
  package func prepare(_ site: Site) throws {
    try perform(preparation, in: site)
    for (index, operation) in logged.enumerated() {
      if index > 0 { try perform([.rebuild], in: site) }
      let log = try KeptLog(of: site.store)
      try perform([operation], in: site)
      try log.leave()
    }
    if losesCatalog {
      for suffix in ["", "-wal", "-shm"] {
        try FileSystemCalls.unlinkIfPresent(
          site.root.appending("store/catalog.sqlite\(suffix)"))
      }
    }
    try damage?.happen(to: site)
    guard hasLeftovers else { return }
    let leftover = try ActorProcess(
      "left", in: site, [Self.nextCommit], steps: "kill@sync-blob-directory")
    guard try leftover.wait().wasKilled else {
      throw Violation("P6", "the commit that was to be killed was not")
    }
  }
}
