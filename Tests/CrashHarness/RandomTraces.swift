// SPDX-License-Identifier: Apache-2.0

/// Random turns of several actors on one store and a mount of it, held to the model; what fails is shrunk.
package struct RandomTraces: Sendable {
  private let turns: Int
  private let shrinkingTime: Duration

  /// - Parameter shrinkingTime: for how long at most a shorter trace is looked for that fails, too.
  package init(turns: Int, shrinkingFor shrinkingTime: Duration = .seconds(120)) {
    self.turns = turns
    self.shrinkingTime = shrinkingTime
  }

  /// Runs one seed after the other, two at a time, until `count` are done or one fails.
  ///
  /// - Throws: ``Violation`` with the command that makes it again.
  package func run(
    from seed: UInt64, count: Int, progress: @Sendable @escaping (UInt64) -> Void = { _ in }
  ) throws {
    try Workers.run { turn in
      guard turn < count else { return false }
      let seed = seed &+ UInt64(turn)
      try run(seed: seed)
      progress(seed)
      return true
    }
  }

  /// - Throws: ``Violation``.
  func run(seed: UInt64) throws {
    guard let failure = try failure(seed: seed) else { return }
    var shrinking = Shrinking(failure, for: shrinkingTime)
    try shrinking.run()
    let shrunk = shrinking.failure
    var violation = shrunk.violation
    violation.context.insert(
      "seed \(seed), \(shrunk.trace.turns.count) of \(failure.trace.turns.count) turns", at: 0)
    violation.reproduction = shrunk.trace.command
    throw violation
  }

  /// Makes turns up as it goes: what is chosen depends on what is there.
  private func failure(seed: UInt64) throws -> Trace.Failure? {
    var run = try ModelRun()
    var generator = RandomOperations(prefix: "h", seed: seed, .whole)
    var taken: [Turn] = []
    for _ in 0..<turns {
      let turn = generator.turn(from: run.model, actors: ModelRun.actors)
      taken.append(turn)
      if let violation = Trace.violation(turn, { try run.perform(turn) }) {
        return Trace.Failure(violation: violation, trace: Trace(taken))
      }
    }
    // What a lost catalog comes back as costs as much as a hundred turns.
    return Trace.violation(nil) { try run.end(seed % 4 == 0 ? .whole : .collecting) }
      .map { Trace.Failure(violation: $0, trace: Trace(taken)) }
  }
}
