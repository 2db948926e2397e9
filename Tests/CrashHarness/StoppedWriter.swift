// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import LinuxFiles
import SystemPackage

/// A process that is stopped in the middle of a transaction, for longer than anybody waits for it.
package struct StoppedWriter: Sendable {
  package init() {}

  /// Readers go on; who must write is told after a minute; and when it is continued, nothing is amiss.
  ///
  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("a writer that is stopped for more than a minute") {
      let scene = Scene.named("commit")
      let site = try Site()
      try scene.prepare(site)
      let mount = try MountedStore(site)
      let stopped = try ActorProcess(
        "main", in: site, [scene.operation], steps: "stop@fence-pending")
      guard try stopped.waitUntilStopped() else { throw Violation("P6", "it did not stop") }
      let begun = ContinuousClock.now
      let waiting = try ActorProcess("other", in: site, [Scene.firstCommit])
      try look(scene.before, mount)
      let outcome = try waiting.wait()
      let waited = ContinuousClock.now - begun
      guard waited > .seconds(45) else {
        throw Violation("P6", "who waited was told after no more than \(waited)")
      }
      guard outcome.failure == "busy", outcome.message.contains("locked by") else {
        throw Violation("P6", "who waited was told '\(outcome.message)'")
      }
      try look(scene.before, mount)
      // It is stopped again at each step of that name.
      repeat { stopped.resume() } while try stopped.waitUntilStopped()
      if let failure = try stopped.wait().failure {
        throw Violation("P6", "it failed as \(failure) when it went on")
      }
      let after = scene.before.applying(scene.operation)
      try look(after, mount)
      try mount.unmount()
      try Inspection(of: site).run(allowing: [after])
    }
  }

  private func look(_ model: Model, _ mount: MountedStore) throws {
    let begun = ContinuousClock.now
    var view = MountView(mount.point)
    try view.check(model)
    let taken = ContinuousClock.now - begun
    guard taken < .seconds(45) else { throw Violation("P6", "who reads waited for \(taken)") }
  }
}
