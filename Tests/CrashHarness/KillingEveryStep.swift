// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Synchronization

/// Kills an operation at each of its steps in turn, and looks at what is left.
package struct KillingEveryStep: Sendable {
  private let scene: Scene
  private let faults: String
  private let place: String?
  private let isThorough: Bool

  /// - Parameters:
  ///   - faults: more for `CKPTFS_STEPS`, such as a step to leave out.
  ///   - isThorough: also after each step, and not only after some, the catalog that was recovered is lost and made anew.
  ///   - place: only what is left at steps of that name is looked at; everything for `nil`.
  package init(
    _ scene: Scene, faults: String = "", isThorough: Bool = false, place: String? = nil
  ) {
    self.scene = scene
    self.isThorough = isThorough
    self.faults = faults
    self.place = place
  }

  /// - Parameter stride: every how many-th step is tried.
  /// - Returns: how many steps the operation was killed at.
  /// - Throws: ``Violation``.
  @discardableResult
  package func run(stride: Int = 1) throws -> Int {
    let template = try Site()
    try describing("\(scene.name), preparation") { try scene.prepare(template) }
    let killed = Mutex(0)
    try Workers.run { turn in
      let isKilled = try kill(at: 1 + turn * stride, template)
      if isKilled { killed.withLock { $0 += 1 } }
      return isKilled
    }
    return killed.withLock(\.self)
  }

  /// - Returns: `false` when the operation has fewer steps; it was done whole then.
  private func kill(at step: Int, _ template: Site) throws -> Bool {
    let site = try scene.site(like: template)
    let steps = faults.isEmpty ? "kill@\(step)" : "kill@\(step),\(faults)"
    let actor = try ActorProcess("main", in: site, [scene.operation], steps: steps)
    return try describing("\(scene.name), step \(step)") {
      let outcome = try actor.wait()
      if let place, outcome.wasKilled, outcome.places.last != place { return true }
      return try describing(outcome.places.last ?? "not killed") {
        try judge(outcome, site, isThorough || step % 8 == 1 ? .whole : .losing)
        return outcome.wasKilled
      }
    }
  }

  private func judge(
    _ outcome: ActorProcess.Outcome, _ site: Site, _ depth: Inspection.Depth
  ) throws {
    if let failure = outcome.failure {
      throw Violation("P6", "it failed as \(failure): \(outcome.message)")
    }
    let before = scene.before
    let after = before.applying(scene.operation)
    // Until one of these ended there is no store to look at.
    if outcome.wasKilled && [.create, .rebuild, .repair].contains(scene.operation) {
      if scene.operation == .repair { try Inspection(of: site).checkNothingBadIsShown() }
      if scene.operation == .rebuild { try OldCatalog(scene: scene).checkWhatIsThere(in: site) }
      try runAgain(site, hadHappened: false)
    }
    try OldCatalog(scene: scene).checkKept(in: site)
    let allowed = outcome.wasKilled ? [before, after] : [after]
    let found = try Inspection(of: site).run(allowing: allowed, depth)
    if !outcome.wasKilled {
      try checkRestored(site)
      return
    }
    try describing("running it again") {
      try runAgain(site, hadHappened: found == after)
      try Inspection(of: site).run(allowing: [after], .glance)
      try checkRestored(site)
    }
  }

  private func runAgain(_ site: Site, hadHappened: Bool) throws {
    var performer = try Performer(site: site.root, work: site.work(of: "again"))
    do {
      _ = try performer.perform(scene.operation)
    } catch let error as StoreError {
      let isDone: Set<StoreError.Code> = [
        .noSuchCheckpoint, .noSuchHistory, .noSuchTag, .exists,
      ]
      guard isDone.contains(error.code), hadHappened else { throw error }
    }
  }

  /// A restored directory holds what the checkpoint holds (promise P1, for what lies outside the store).
  private func checkRestored(_ site: Site) throws {
    guard case .restore(let history, let number, let name, _) = scene.operation else { return }
    try RestoredDirectory.check(
      site.destination(name), against: scene.before.histories[history]?[number])
  }
}
