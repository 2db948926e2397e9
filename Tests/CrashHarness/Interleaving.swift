// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Two actors on one store, one of them stopped at each of its steps in turn while the other runs.
package struct Interleaving: CustomStringConvertible, Sendable {
  package let name: String
  package var description: String { name }
  let preparation: [Operation]
  /// What is stopped on its way.
  let stopped: Operation
  /// What is done meanwhile.
  let meanwhile: [Operation]
  /// How the stopped one may fail; anything else, it must complete.
  var mayFail: Set<String> = []
  /// At these steps it must fail, if the other came to its end meanwhile.
  var mustFailAt: Set<String> = []
  /// Whether the stopped one is killed instead of continued.
  var kills = false
  /// As of ``Scene``.
  var hasEvidence = false

  /// How a run is to differ from the ordinary.
  package struct Faults: Sendable {
    /// More for the `CKPTFS_STEPS` of the stopped actor, and of the other.
    var stopped = ""
    var other = ""
    /// Only at these steps the other runs; everywhere for `nil`.
    var places: Set<String>?

    package init() {}
    init(stopped: String = "", other: String = "", places: Set<String>? = nil) {
      (self.stopped, self.other, self.places) = (stopped, other, places)
    }
  }

  /// How often the stopped one was stopped, and how often the other had to wait for it.
  package struct Count: Sendable {
    package var stops = 0
    package var waits = 0
  }

  /// - Throws: ``Violation``.
  @discardableResult
  package func run(_ faults: Faults = Faults(), stride: Int = 1) throws -> Count {
    let template = try Site()
    try describing("\(name), preparation") { try scene.prepare(template) }
    let count = Mutex(Count())
    try Workers.run { turn in
      let step = 1 + turn * stride
      return try describing("\(name), step \(step)") {
        try stop(at: step, template, faults, count)
      }
    }
    return count.withLock(\.self)
  }

  private var scene: Scene {
    Scene(name, stopped, hasEvidence: hasEvidence, preparation: preparation)
  }

  /// - Returns: `false` when the operation has fewer steps.
  private func stop(
    at step: Int, _ template: Site, _ faults: Faults, _ count: borrowing Mutex<Count>
  ) throws -> Bool {
    let site = try scene.site(like: template)
    let more = faults.stopped.isEmpty ? "" : ",\(faults.stopped)"
    let first = try ActorProcess("main", in: site, [stopped], steps: "stop@\(step)\(more)")
    guard try first.waitUntilStopped() else {
      let outcome = try first.wait()
      if let failure = outcome.failure {
        throw Violation("P4", "undisturbed it failed as \(failure): \(outcome.message)")
      }
      return false
    }
    let place = try first.places().last ?? ""
    if let places = faults.places, !places.contains(place) {
      first.kill()
      _ = try first.wait()
      return true
    }
    count.withLock { $0.stops += 1 }
    try describing(place) {
      let second = try ActorProcess("other", in: site, meanwhile, steps: faults.other)
      // One that waits for a lock of the stopped one goes on when that goes on.
      let isLocked = faults.stopped.isEmpty && Self.lockedPlaces.contains(place)
      let hasWaited = !second.waitUntilEnded(for: .milliseconds(isLocked ? 400 : 5000))
      if hasWaited { count.withLock { $0.waits += 1 } }
      if kills { first.kill() } else { first.resume() }
      let outcomes = (first: try first.wait(), second: try second.wait())
      try judge(
        outcomes.first, outcomes.second, site, mustFail: !hasWaited && mustFailAt.contains(place))
    }
    return true
  }

  /// Where a transaction or the outbox's lock is held: the other has to wait.
  private static let lockedPlaces: Set<String> = [
    "lease-base", "pin-blob", "fence-pending", "record-outbox", "replay-outbox", "write-manifest",
    "sync-manifest", "place-manifest", "remove-manifest", "sync-manifest-directory",
  ]

  private func judge(
    _ first: ActorProcess.Outcome, _ second: ActorProcess.Outcome, _ site: Site, mustFail: Bool
  ) throws {
    if let failure = second.failure {
      throw Violation("P4", "the other failed as \(failure): \(second.message)")
    }
    if let failure = first.failure, !mayFail.contains(failure) {
      throw Violation("P4", "it failed as \(failure): \(first.message)")
    }
    if mustFail, first.failure == nil {
      throw Violation("P7", "it completed, though what it had pinned was given up")
    }
    var model = Model(after: preparation)
    for (operation, number) in second.acknowledged { model.apply(operation, number: number) }
    var allowed = [model]
    if first.wasKilled {
      allowed.append(model.applying(stopped))
    } else if first.failure == nil {
      let number = first.acknowledged.first?.number
      allowed = [model.applying(stopped, number: number)]
      if case .restore(let history, let number, let name, _) = stopped {
        try RestoredDirectory.check(
          site.destination(name),
          against: Model(after: preparation).histories[history]?[number])
      }
    }
    try Inspection(of: site).run(allowing: allowed, .collecting)
  }
}
