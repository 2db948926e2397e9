// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// Holds a store that nobody uses to the promises P1, P3, P4, P6, P7 and P8.
package struct Inspection: Sendable {
  /// How much is looked at.
  package enum Depth: Sendable {
    /// What the store shows, and its contents.
    case glance
    /// What collection leaves, too.
    case collecting
    /// What a catalog shows that was lost in the same moment and rebuilt, too.
    case losing
    /// What a catalog shows that is lost after recovery and rebuilt, too.
    case whole
  }

  let site: Site

  package init(of site: Site) { self.site = site }

  /// - Parameter allowed: what the store may show; with an operation in flight, without it and with it.
  /// - Returns: which of them it shows, with all that is remembered of it.
  /// - Throws: ``Violation``.
  @discardableResult
  package func run(allowing allowed: [Model], _ depth: Depth = .whole) throws -> Model {
    if depth == .whole || depth == .losing {
      try describing("a rebuild before anything else") { try rebuildUnrecovered(allowed) }
    }
    let store = try describing("opening") { try Store(at: site.store) }
    guard try store.catalog.outbox().isEmpty else {
      throw Violation("P6", "opening left something in the outbox")
    }
    let image = try StoreImage(of: store)
    let found = image.model
    guard let shown = allowed.first(where: { $0 == found }) else {
      let differences = allowed.map { found.difference(from: $0) }
      throw Violation("P1", differences.joined(separator: " — or — "))
    }
    if depth == .glance {
      try checkBytes(store, image)
    } else {
      try check(store, image)
      try collect(store, image)
      try checkBytes(store, image)
    }
    if depth == .whole { try describing("a rebuild") { try rebuild(image) } }
    return shown
  }

  /// Inspects what an actor left that was interrupted: all that it was acknowledged, and what was on its way or not.
  ///
  /// - Parameter model: what the store showed before.
  func run(
    after outcome: ActorProcess.Outcome, from model: Model, _ depth: Depth
  ) throws -> Model {
    var model = model
    let outcome = try completingRebuild(after: outcome)
    for (operation, number) in outcome.acknowledged.dropLast(outcome.doubtful) {
      if case .restore(let history, let number, let name, _) = operation {
        try RestoredDirectory.check(
          site.destination(name), against: model.histories[history]?[number])
      }
      model.apply(operation, number: number)
    }
    var allowed = [model]
    for (operation, number) in outcome.acknowledged.suffix(outcome.doubtful) {
      model.apply(operation, number: number)
      allowed.append(model)
    }
    if let inFlight = outcome.inFlight { allowed.append(model.applying(inFlight)) }
    return try run(allowing: allowed, depth)
  }

  // MARK: Checking

  private func check(_ store: Store, _ image: StoreImage, isRebuilt: Bool = false) throws {
    let report = try store.check(CheckOptions(readsData: true))
    // A rebuild that finds no checkpoint takes no file for needless: all manifests may be lost.
    let problems = report.problems.filter {
      $0.kind != .strayBlob || !isRebuilt || !image.references.isEmpty
    }
    if let problem = problems.first {
      throw Violation("P3", "fsck: \(problem.kind.rawValue) \(problem.path): \(problem.detail)")
    }
    try checkBytes(store, image)
    for digest in image.pendingContents.union(image.references.keys) {
      let counted = try store.catalog.references(to: digest)
      let count = image.references[digest] ?? 0
      guard counted == count else {
        throw Violation("P3", "\(digest) is counted \(counted) times, \(count) entries have it")
      }
    }
  }

  /// Every content that a checkpoint shows, or a committed shard has, is on the disk, byte for byte.
  private func checkBytes(_ store: Store, _ image: StoreImage) throws {
    for digest in image.pendingContents.union(image.references.keys) {
      guard let blob = try store.catalog.blob(digest) else {
        throw Violation("P4", "the catalog has lost \(digest)")
      }
      let path = site.path(of: blob.name)
      guard try FileSystemCalls.exists(path) else {
        throw Violation("P4", "blob \(blob.name) is missing")
      }
      let bytes = try FileSystemCalls.contents(of: path, limit: 1 << 26)
      guard Digest(hashing: bytes) == digest else {
        throw Violation("P6", "blob \(blob.name) has other bytes")
      }
    }
  }

  // MARK: Collecting

  private func collect(_ store: Store, _ image: StoreImage) throws {
    _ = try store.collectGarbage()
    if image.pending.isEmpty {
      try checkNothingIsLeft(store)
    } else {
      try describing("without what is pending") { try collectWithoutPending() }
    }
    let again = try store.collectGarbage()
    guard again.removedBlobs == 0, again.removedBytes == 0, again.removedLeftovers == 0 else {
      throw Violation("P4", "a second collection removed something")
    }
    guard try StoreImage(of: store) == image else {
      throw Violation("P4", "collection changed what the store shows")
    }
  }

  /// On a copy: who looks at a store takes nothing from it.
  private func collectWithoutPending() throws {
    let copy = try Site()
    try FileTree.copy(site.store, to: copy.store)
    let store = try Store(at: copy.store)
    for pending in try store.pendingShards() { try store.abort(pending.reference) }
    _ = try store.collectGarbage()
    try Inspection(of: copy).checkNothingIsLeft(store)
  }

  private func checkNothingIsLeft(_ store: Store) throws {
    let places: [(String, Set<String>)] = [
      ("staging", []), ("pending", []), ("locks", ["outbox", "store"]),
    ]
    for (directory, expected) in places {
      let names = try DirectoryListing.names(in: site.store.appending(directory))
        .map { String(decoding: $0, as: UTF8.self) }.sorted()
      guard Set(names).isSubset(of: expected) else {
        throw Violation("P6", "collection left \(names) in \(directory)")
      }
    }
    let halves = try DirectoryListing.names(in: site.root)
      .map { String(decoding: $0, as: UTF8.self) }.filter { $0.contains(".ckptfs-restore-") }
    guard halves.isEmpty else { throw Violation("P6", "collection left \(halves)") }
    var expected: Set<BlobName> = []
    try store.catalog.forEachBlob { blob, kind in
      if kind == .content, try store.catalog.references(to: blob.name.digest) == 0 {
        throw Violation("P6", "collection left the unused blob \(blob.name)")
      }
      expected.insert(blob.name)
    }
    var found: Set<BlobName> = []
    try store.blobs.forEachName { found.insert($0) }
    guard found == expected else {
      throw Violation(
        "P6",
        "after collection, the files \(found.subtracting(expected).map(\.description)) are left "
          + "and \(expected.subtracting(found).map(\.description)) are missing")
    }
    let statistics = try store.statistics()
    guard statistics.pendingCheckpoints == 0, statistics.unreferencedBlobs == 0,
      try store.catalog.owners().isEmpty
    else { throw Violation("P7", "collection left something in flight") }
  }

  // MARK: Rebuilding

  /// Makes the catalog anew where a rebuild was interrupted while there was none.
  ///
  /// - Returns: what has happened then.
  private func completingRebuild(
    after outcome: ActorProcess.Outcome
  ) throws -> ActorProcess.Outcome {
    guard try !FileSystemCalls.exists(site.store.appending("catalog.sqlite")) else {
      return outcome
    }
    let uncertain =
      outcome.acknowledged.suffix(outcome.doubtful).map(\.operation)
      + (outcome.inFlight.map { [$0] } ?? [])
    guard uncertain.contains(.rebuild) else {
      throw Violation("P6", "the catalog is gone, and nobody was about to replace it")
    }
    _ = try describing("a rebuild after one that was interrupted") { try rebuiltStore(site) }
    var outcome = outcome
    outcome.acknowledged.append((.rebuild, 0))
    if outcome.doubtful > 0 { outcome.doubtful += 1 }
    if outcome.inFlight == .rebuild { outcome.inFlight = nil }
    return outcome
  }

  /// A copy of the store without its catalog.
  private func copyWithoutCatalog() throws -> Site {
    let copy = try Site()
    try FileTree.copy(site.store, to: copy.store)
    for suffix in ["", "-wal", "-shm"] {
      try FileSystemCalls.unlinkIfPresent(FilePath("\(copy.store)/catalog.sqlite\(suffix)"))
    }
    return copy
  }

  private func rebuild(_ image: StoreImage) throws {
    let copy = try copyWithoutCatalog()
    let rebuilt = try rebuiltStore(copy)
    let completed = image.withoutPending
    guard try StoreImage(of: rebuilt) == completed else {
      let difference = try StoreImage(of: rebuilt).model.difference(from: completed.model)
      throw Violation("P8", "the rebuilt catalog differs: \(difference)")
    }
    try CatalogImage(of: site.store).check(CatalogImage(of: copy.store))
    try check(rebuilt, completed, isRebuilt: true)
  }

  private func rebuiltStore(_ copy: Site) throws -> Store {
    let report = try Store.rebuildCatalog(at: copy.store)
    if let problem = report.problems.first {
      throw Violation("P8", "\(problem.kind.rawValue) \(problem.path): \(problem.detail)")
    }
    return try Store(at: copy.store)
  }

  /// With the catalog lost in the same moment, what was acknowledged is still there, each checkpoint as it was
  /// before the operation in flight or as it is after it.
  private func rebuildUnrecovered(_ allowed: [Model]) throws {
    let copy = try copyWithoutCatalog()
    guard try FileSystemCalls.exists(copy.store.appending("ckptfs-store")) else { return }
    let store = try rebuiltStore(copy)
    let image = try StoreImage(of: store)
    let found = Self.checkpoints(image.model)
    let possible = allowed.map(Self.checkpoints)
    for key in Set(found.keys).union(possible.flatMap(\.keys)) {
      guard possible.contains(where: { $0[key] == found[key] }) else {
        throw Violation("P8", "the rebuilt catalog has \(key) neither as before nor as after")
      }
    }
    try check(store, image, isRebuilt: true)
  }

  private static func checkpoints(_ model: Model) -> [String: [String: Model.Held?]] {
    var checkpoints: [String: [String: Model.Held?]] = [:]
    for (history, numbers) in model.histories {
      for (number, checkpoint) in numbers {
        checkpoints["\(history)/chk-\(number)"] = checkpoint.entries
      }
    }
    return checkpoints
  }
}
