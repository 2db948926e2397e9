// SPDX-License-Identifier: Apache-2.0

/// Lets several actors run on one store at once: nothing may fail, and nothing may get lost.
package struct ManyActors: Sendable {
  private let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// - Returns: how many operations were acknowledged.
  /// - Throws: ``Violation``.
  @discardableResult
  package func run(actors: Int, operations count: Int) throws -> Int {
    try describing("\(actors) actors, seed \(seed)") {
      let site = try Site()
      var performer = try Performer(site: site.root, work: site.work(of: "main"))
      _ = try performer.perform(.create)
      let running = try (0..<actors).map { actor in
        let prefix = "actor\(actor)"
        var own = RandomOperations(prefix: prefix, seed: seed &* 100 &+ UInt64(actor))
        return try ActorProcess(
          prefix, in: site, Self.withCommon(own.next(count, from: Model()), actor))
      }
      var model = Model()
      for outcome in try running.map({ try $0.wait() }) {
        if let failure = outcome.failure {
          throw Violation("P4", "one failed as \(failure): \(outcome.message)")
        }
        for (operation, number) in outcome.acknowledged { model.apply(operation, number: number) }
      }
      try Inspection(of: site).run(allowing: [model])
      return model.histories.values.reduce(0) { $0 + $1.count }
    }
  }

  /// Now and then a commit to a history that all have in common, whose numbers the store chooses.
  private static func withCommon(_ operations: [Operation], _ actor: Int) -> [Operation] {
    operations.enumerated().flatMap { index, operation in
      index % 5 > 0
        ? [operation]
        : [
          operation,
          .commit(
            history: "common", number: nil,
            files: [
              SyntheticFile("000001.sst", index, isShared: true),
              SyntheticFile("CURRENT", 1000 + actor * 100 + index, isShared: false),
            ], tag: nil),
        ]
    }
  }
}
