// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// A command of `ckptfs`, and the store that it is given to.
package struct FaultScene: Sendable {
  /// What a failed run may leave, until it is run again.
  enum Remains: Sendable {
    /// A sound store, without what was asked for or with it.
    case soundStore
    /// No store yet, or the damage that it was to repair.
    case asBefore
  }

  package let name: String
  let scene: Scene
  /// What is there beside the store.
  let provide: @Sendable (Site) throws -> Void
  let arguments: @Sendable (Site) -> [String]
  let remains: Remains
  /// Statuses, beside 0, of a run that says on its standard output what it has found.
  let findings: Set<Int32>
  /// Whether the store shows the same afterwards, whatever it shows, and all who succeed print the same.
  let isReader: Bool

  init(
    _ name: String, _ operation: Operation = .collect, after more: [Operation] = [],
    hasLeftovers: Bool = false, losesCatalog: Bool = false, logged: [Operation] = [],
    damage: Damage? = nil, hasEvidence: Bool = false, preparation: [Operation] = Scene.histories,
    remains: Remains = .soundStore,
    findings: Set<Int32> = [], isReader: Bool = false,
    provide: @escaping @Sendable (Site) throws -> Void = { _ in },
    _ arguments: @escaping @Sendable (Site) -> [String]
  ) {
    self.name = name
    scene = Scene(
      name, operation, after: more, hasLeftovers: hasLeftovers, losesCatalog: losesCatalog,
      logged: logged, damage: damage, hasEvidence: hasEvidence, preparation: preparation)
    self.provide = provide
    self.arguments = arguments
    self.remains = remains
    self.findings = findings
    self.isReader = isReader
  }

  func prepare(_ site: Site) throws {
    try scene.prepare(site)
    try FileSystemCalls.makeDirectory(site.temporary)
    try provide(site)
  }

  func site(like prepared: Site) throws -> Site {
    guard scene.hasEvidence else { return try Site(copying: prepared) }
    let site = try Site()
    try prepare(site)
    return site
  }

  /// Where a restore goes.
  static func destination(in site: Site) -> FilePath { site.destination("here") }

  package static func named(_ name: String) -> FaultScene {
    guard let scene = all.first(where: { $0.name == name }) else {
      preconditionFailure("there is no command '\(name)' to fail")
    }
    return scene
  }

  package static let all: [FaultScene] = [
    FaultScene("init", preparation: [], remains: .asBefore) { _ in ["init"] },
    FaultScene("commit", provide: source(Scene.nextCommit)) { commit($0) },
    FaultScene("link-commit", provide: source(Scene.nextCommit)) {
      commit($0) + ["--ingest", "link"]
    },
    FaultScene("recognised-commit", hasEvidence: true, provide: source(Scene.unchangedCommit)) {
      commit($0)
    },
    FaultScene("first-shard", after: [Scene.begin], provide: source(Scene.nextCommit)) {
      commit($0) + ["--shard", "x"]
    },
    FaultScene(
      "last-shard", after: [Scene.begin, Scene.firstShard], provide: source(Scene.nextCommit)
    ) { commit($0) + ["--shard", "x-y"] },
    FaultScene("import", provide: flinkJob) {
      ["import", "flink:\($0.root)/job", "--history", "f"]
    },
    FaultScene("snapshot", provide: database) {
      ["snapshot", "--db", "\($0.root)/db", "--history", "d", "--number", "1"]
    },
    // Nobody writes to it meanwhile: then each call comes again in the next run.
    FaultScene("live-snapshot", provide: database) {
      ["snapshot", "--db", "\($0.root)/db", "--history", "d", "--number", "1", "--live"]
    },
    FaultScene("begin") { _ in ["begin", "a", "--shards", "x,x-y", "--number", "4"] },
    FaultScene("abort", after: [Scene.begin, Scene.firstShard]) { _ in ["abort", "a/chk-4"] },
    FaultScene("tag") { _ in ["tag", "a/chk-1", "new"] },
    // Of what was committed last, all is in the log of the catalog, which nobody has open.
    FaultScene("logged-tag", logged: [Scene.logged]) { _ in ["tag", "a/chk-1", "new"] },
    FaultScene("logged-ls", logged: [Scene.logged], isReader: true) { _ in ["ls", "a/chk-2"] },
    FaultScene("untag") { _ in ["untag", "a/tags/keep"] },
    FaultScene("rename") { _ in ["rename", "a", "z"] },
    FaultScene("drop") { _ in ["drop", "a/chk-1"] },
    FaultScene("prune") { _ in ["prune", "a", "--keep-last", "1", "--force"] },
    FaultScene(
      "gc", after: [.drop(history: "a", numbers: [1, 2], force: true)], hasLeftovers: true
    ) { _ in ["gc"] },
    FaultScene("restore") { ["restore", "a/chk-1", "\(destination(in: $0))"] },
    FaultScene("link-restore") {
      ["restore", "a/chk-1", "\(destination(in: $0))", "--mode", "link"]
    },
    FaultScene("fsck", findings: [2]) { _ in ["fsck", "--read-data"] },
    FaultScene(
      "repair", damage: Damage(copiesGood: true), remains: .asBefore, findings: [2],
      provide: damage
    ) { ["fsck", "--repair", "--read-data", "--source", "\($0.root)/good"] },
    FaultScene("rebuild", losesCatalog: true, remains: .asBefore, findings: [2]) { _ in
      ["fsck", "--rebuild-catalog"]
    },
    // 1 means that something could not be looked at.
    FaultScene("verify", findings: [1, 2], isReader: true, provide: verified) { _ in
      ["verify", "d/chk-1"]
    },
    FaultScene(
      "rebuild-beside-old", logged: Scene.named("rebuild-beside-old").logged, remains: .asBefore,
      findings: [2]
    ) { _ in ["fsck", "--rebuild-catalog"] },
    FaultScene("ls", isReader: true) { _ in ["ls", "a/chk-2"] },
    FaultScene("diff", isReader: true) { _ in ["diff", "a/chk-1", "a/chk-2"] },
    FaultScene("show", isReader: true) { _ in ["show", "a/chk-2"] },
    FaultScene("stats", isReader: true) { _ in ["stats"] },
    FaultScene("unreferenced", findings: [2], isReader: true, provide: leftover) {
      ["unreferenced", "flink:\($0.root)/job", "--min-age", "1000d"]
    },
  ]

  // MARK: Sources

  private static func commit(_ site: Site) -> [String] {
    [
      "commit", SourceTree.directory(in: site.work(of: "main"), "new", nil).string, "--history",
      "a", "--number", "4", "--unchecked",
    ]
  }

  private static func source(_ operation: Operation) -> @Sendable (Site) throws -> Void {
    { site in
      _ = try SourceTree(site.work(of: "main")).make(Scene.files(of: operation), "new", nil)
    }
  }

  private static func flinkJob(_ site: Site) throws {
    let fixtures = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .removingLastComponent().appending("FlinkCheckpointsTests/Fixtures")
    let checkpoints = fixtures.appending("flink-2.3.0-inline/data/checkpoints")
    guard let job = try DirectoryListing.names(in: checkpoints).first else {
      throw Violation("P6", "there is no job in '\(checkpoints)'")
    }
    try FileTree.copy(checkpoints.appending(bytes: job), to: site.root.appending("job"))
  }

  /// A job's directory with a file that nothing uses beside those that are used, all of long ago.
  private static func leftover(_ site: Site) throws {
    try flinkJob(site)
    let shared = site.root.appending("job/shared")
    let used = try DirectoryListing.names(in: shared).map { shared.appending(bytes: $0).string }
    try Tool.run("/usr/bin/touch", arguments: ["--date=2001-01-01", "\(shared)/left"] + used)
  }

  private static func database(_ site: Site) throws {
    let place = site.root.appending("db").string
    for (key, more) in [("a", ["--create_if_missing"]), ("b", [])] {
      try Tool.run("/usr/bin/ldb", arguments: ["--db=\(place)", "put", key, "value"] + more)
    }
    try Tool.run("/usr/bin/ldb", arguments: ["--db=\(place)", "compact"])
  }

  /// A checkpoint of a database with tables and a log.
  private static func verified(_ site: Site) throws {
    try database(site)
    let place = "\(site.root)/db"
    try Tool.run("/usr/bin/ldb", arguments: ["--db=\(place)", "put", "c", "value"])
    let taken = try CommandProcess(
      ["snapshot", "--db", place, "--history", "d", "--number", "1"], in: site
    ).run()
    guard taken.status == 0 else { throw Violation("P6", "no snapshot: \(taken.errors)") }
  }

  /// A manifest that is gone, and a page with other bytes.
  private static func damage(_ site: Site) throws {
    try FileSystemCalls.unlink(site.store.appending("manifests/1/chk-2"))
    var pages: [BlobName] = []
    try Store(at: site.store).catalog.forEachBlob { blob, kind in
      if kind == .page { pages.append(blob.name) }
    }
    try FileTree.append([0], to: Damage.path(of: pages[0], in: site))
  }
}
