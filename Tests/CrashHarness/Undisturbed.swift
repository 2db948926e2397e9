// SPDX-License-Identifier: Apache-2.0

import SystemPackage

/// An operation that nobody disturbs, and what it leaves.
package struct Undisturbed: Sendable {
  private let scene: Scene
  private let faults: String

  package init(_ scene: Scene, faults: String = "") {
    self.scene = scene
    self.faults = faults
  }

  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("\(scene.name), undisturbed") {
      let site = try Site()
      try describing("preparation") { try scene.prepare(site) }
      let outcome = try ActorProcess("main", in: site, [scene.operation], steps: faults).wait()
      if let failure = outcome.failure {
        throw Violation("P6", "it failed as \(failure): \(outcome.message)")
      }
      try OldCatalog(scene: scene).checkKept(in: site)
      // What is recorded on files must be there before anybody opens the store again.
      try Inspection(of: site).run(allowing: [scene.before.applying(scene.operation)])
      guard case .restore(let history, let number, let name, _) = scene.operation else { return }
      try RestoredDirectory.check(
        site.destination(name), against: scene.before.histories[history]?[number])
    }
  }
}

/// Opening a store that a commit was killed on completes that commit's manifest.
package struct Recovery: Sendable {
  private let faults: String

  package init(faults: String = "") { self.faults = faults }

  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("recovery") {
      let scene = Scene.named("commit")
      let site = try Site()
      try scene.prepare(site)
      let killed = try ActorProcess(
        "main", in: site, [scene.operation], steps: "kill@replay-outbox")
      guard try killed.wait().wasKilled else { throw Violation("P6", "the commit was not killed") }
      let reader = Operation.restore(
        history: "a", number: 4, destination: "recovered", linking: false)
      let outcome = try ActorProcess("reader", in: site, [reader], steps: faults).wait()
      if let failure = outcome.failure {
        throw Violation("P6", "reading failed as \(failure): \(outcome.message)")
      }
      try Inspection(of: site).run(allowing: [scene.before.applying(scene.operation)])
    }
  }
}

/// A source that changes while it is taken in is refused.
package struct ChangingSource: Sendable {
  private let faults: String

  package init(faults: String = "") { self.faults = faults }

  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("a source that changes") {
      let scene = Scene.named("commit")
      let site = try Site()
      try scene.prepare(site)
      let more = faults.isEmpty ? "" : ",\(faults)"
      let actor = try ActorProcess(
        "main", in: site, [scene.operation], steps: "stop@recheck-source\(more)")
      guard try actor.waitUntilStopped() else {
        throw Violation("P5", "the commit did not stop")
      }
      let source = SourceTree.directory(in: site.work(of: "main"), "a", 4)
      try FileTree.append([1, 2, 3], to: source.appending("CURRENT"))
      actor.resume()
      // It is stopped again after the step; by then its mind is made up.
      if try actor.waitUntilStopped() { actor.resume() }
      let outcome = try actor.wait()
      guard outcome.failure == "sourceChanged" else {
        throw Violation("P5", "it was not refused: \(outcome.failure ?? "it completed")")
      }
      try Inspection(of: site).run(allowing: [scene.before])
    }
  }
}
