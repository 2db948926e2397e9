// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import LinuxFiles

/// A shard that was begun in time, and comes after the deadline of its checkpoint.
package struct LateShard: Sendable {
  private let faults: String

  package init(faults: String = "") { self.faults = faults }

  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("a shard after the deadline") {
      // On a busy machine the shard may not begin in time: then the deadline was too short.
      var seconds: Int64 = 1
      while try !runs(for: seconds) { seconds *= 2 }
    }
  }

  /// - Returns: `false` when the deadline passed before the shard was under way.
  private func runs(for seconds: Int64) throws -> Bool {
    let site = try Site()
    let begin = Operation.begin(history: "a", number: 4, shards: ["x"], seconds: seconds)
    let scene = Scene(
      "late-shard", Scene.firstShard, preparation: Scene.histories + [begin])
    try scene.prepare(site)
    let more = faults.isEmpty ? "" : ",\(faults)"
    let actor = try ActorProcess(
      "main", in: site, [scene.operation], steps: "stop@settle-transaction\(more)")
    guard try actor.waitUntilStopped() else {
      _ = try actor.wait()
      return false
    }
    let store = try Store(at: site.store)
    while try store.pendingShards().contains(where: { $0.remaining > .zero }) {}
    actor.resume()
    // It is stopped again after the step.
    if try actor.waitUntilStopped() { actor.resume() }
    let outcome = try actor.wait()
    guard outcome.failure == "expired" else {
      throw Violation("P7", "it was not refused: \(outcome.failure ?? "it was committed")")
    }
    try Inspection(of: site).run(allowing: [scene.before])
    return true
  }
}
