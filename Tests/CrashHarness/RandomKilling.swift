// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Kills random runs at random instants, again and again on one store.
package struct RandomKilling: Sendable {
  private let seed: UInt64
  private let faults: String

  package init(seed: UInt64, faults: String = "") {
    self.seed = seed
    self.faults = faults
  }

  /// What a number of rounds came to.
  package struct Count: Sendable {
    package var rounds = 0
    package var killed = 0
    package var acknowledged = 0
  }

  /// - Throws: ``Violation``.
  @discardableResult
  package func run(rounds: Int) throws -> Count {
    try describing("seed \(seed)") {
      let site = try Site()
      var performer = try Performer(site: site.root, work: site.work(of: "main"))
      _ = try performer.perform(.create)
      var generator = SeededGenerator(seed: seed)
      var operations = RandomOperations(prefix: "h", seed: generator.next(), .alone)
      var model = Model()
      var count = Count()
      for round in 0..<rounds {
        try describing("round \(round)") {
          let list = operations.next(40, from: model)
          let delay = Int(30_000 + generator.next() % 900_000)
          let outcome = try kill(site, list, after: delay)
          count.rounds += 1
          count.acknowledged += outcome.acknowledged.count
          if outcome.wasKilled { count.killed += 1 }
          model = try judge(outcome, site, model, Self.depth(of: round))
        }
      }
      return count
    }
  }

  /// Now and then nothing is collected, so that the next killed run finds what others left.
  private static func depth(of round: Int) -> Inspection.Depth {
    switch round % 4 {
    case 0, 2: .glance
    case 1: .losing
    default: .whole
    }
  }

  private func kill(
    _ site: Site, _ operations: [Operation], after microseconds: Int
  ) throws -> ActorProcess.Outcome {
    let actor = try ActorProcess("main", in: site, operations, steps: faults)
    if !actor.waitUntilEnded(for: .microseconds(microseconds)) { actor.kill() }
    return try actor.wait()
  }

  private func judge(
    _ outcome: ActorProcess.Outcome, _ site: Site, _ model: Model, _ depth: Inspection.Depth
  ) throws -> Model {
    if let failure = outcome.failure {
      throw Violation("P6", "it failed as \(failure): \(outcome.message)")
    }
    return try Inspection(of: site).run(after: outcome, from: model, depth)
  }
}
