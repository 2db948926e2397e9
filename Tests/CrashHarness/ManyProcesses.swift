// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage

/// Lets many processes run on one store at once, beside a mount with readers: nothing may fail, nothing may get
/// lost, and readers see checkpoints whole or not at all.
///
/// Some of the processes are slow, some are stopped for a time, some are killed, and of some the clock jumps by days.
package final class ManyProcesses {
  /// What a number of rounds came to.
  package struct Count: Sendable {
    package var rounds = 0
    package var acknowledged = 0
    package var disturbed: [Disturbance: Int] = [:]
    /// Checkpoints that readers saw whole, and such that went while they were read.
    package var read = 0
    package var gone = 0
  }

  package enum Disturbance: String, CaseIterable, Sendable {
    case none, slow, stopped, killed, jumpingClock
  }

  private struct Actor {
    let name: String
    var operations: RandomOperations
    var disturbance = Disturbance.none
  }

  private let seed: UInt64
  private let faults: String
  private let site: Site
  private var generator: SeededGenerator
  private var actors: [Actor]
  private var model = Model()
  private var expected = ExpectedCheckpoints()
  private var count = Count()

  /// - Parameter faults: more for `CKPTFS_STEPS`, such as a step to leave out.
  package init(seed: UInt64, processes: Int, faults: String = "") throws {
    self.seed = seed
    self.faults = faults
    site = try Site()
    generator = SeededGenerator(seed: seed)
    actors = (0..<processes).map {
      Actor(
        name: "actor\($0)",
        operations: RandomOperations(prefix: "actor\($0)", seed: seed &* 100 &+ UInt64($0)))
    }
    var performer = try Performer(site: site.root, work: site.work(of: "main"))
    _ = try performer.perform(.create)
  }

  /// - Parameter isMounted: whether somebody reads through a mount meanwhile.
  /// - Throws: ``Violation``.
  package func run(for time: Duration, isMounted: Bool) throws -> Count {
    try describing("\(actors.count) processes, seed \(seed)") {
      let end = ContinuousClock.now + time
      let mount = isMounted ? try MountedStore(site) : nil
      repeat {
        try describing("round \(count.rounds)") { try round(mount) }
      } while ContinuousClock.now < end
      try mount?.unmount()
      return count
    }
  }

  // MARK: One round

  private func round(_ mount: MountedStore?) throws {
    let lists = actors.indices.map { index in
      disturb(index)
      let own = actors[index].operations.next(20, from: model)
      return actors[index].disturbance == .killed ? own : withOthers(own, index)
    }
    for list in lists { expected.add(list) }
    let readers = mount.map { Readers(of: $0.point, expected, threads: 2) }
    let outcomes = try perform(lists)
    if let seen = try readers?.finish() {
      count.read += seen.whole
      count.gone += seen.gone
    }
    try judge(outcomes)
    try prune()
    count.rounds += 1
  }

  private func pick(_ bound: UInt64) -> UInt64 { generator.next() % bound }

  private func disturb(_ index: Int) {
    let disturbance = Disturbance.allCases[Int(pick(UInt64(Disturbance.allCases.count)))]
    let isTooMany =
      disturbance == .killed && actors[..<index].count { $0.disturbance == .killed } > 1
    actors[index].disturbance = isTooMany ? .none : disturbance
    count.disturbed[actors[index].disturbance, default: 0] += 1
  }

  private func steps(_ disturbance: Disturbance) -> String {
    let own =
      switch disturbance {
      case .none, .stopped, .killed: ""
      case .slow: "slow=\(500 + pick(3000))"
      case .jumpingClock: "clock=\(pick(1 << 40))"
      }
    return [own, faults].filter { !$0.isEmpty }.joined(separator: ",")
  }

  /// Now and then a commit to a history that all have in common, whose numbers the store chooses; two of them have the
  /// same contents again and again, which are collected between.
  private func withOthers(_ operations: [Operation], _ actor: Int) -> [Operation] {
    operations.enumerated().flatMap { index, operation -> [Operation] in
      if actor < 2, index % 4 == 1 {
        return [operation] + contended("contended\(actor)", Int64(1 + count.rounds * 100 + index))
      }
      if index % 5 > 0 { return [operation] }
      let files = [
        SyntheticFile("000001.sst", index, isShared: true),
        SyntheticFile("CURRENT", 1000 + actor * 100 + index, isShared: false),
      ]
      return [operation, .commit(history: "common", number: nil, files: files, tag: nil)]
    }
  }

  /// A content comes, goes, and is collected, while another process has it come and go.
  private func contended(_ history: String, _ number: Int64) -> [Operation] {
    let files = (1...3).map { SyntheticFile("00000\($0).sst", 5000 + $0, isShared: true) }
    let other = [SyntheticFile("CURRENT", 5100, isShared: false)]
    return [
      .commit(history: history, number: 2 * number, files: files, tag: nil),
      .commit(history: history, number: 2 * number + 1, files: other, tag: nil),
      .drop(history: history, numbers: [2 * number], force: false), .collect,
    ]
  }

  private func perform(_ lists: [[Operation]]) throws -> [ActorProcess.Outcome] {
    let running = try zip(actors, lists).map { actor, list in
      try ActorProcess(actor.name, in: site, list, steps: steps(actor.disturbance))
    }
    // One after the other: which operation it hits is as random as when.
    for (actor, process) in zip(actors, running) {
      switch actor.disturbance {
      case .none, .slow, .jumpingClock: break
      case .killed:
        if !process.waitUntilEnded(for: .milliseconds(Int(pick(400)))) { process.kill() }
      case .stopped:
        if process.waitUntilEnded(for: .milliseconds(Int(pick(200)))) { break }
        process.stop()
        _ = process.waitUntilEnded(for: .milliseconds(Int(200 + pick(1000))))
        process.resume()
      }
    }
    return try running.map { try $0.wait() }
  }

  // MARK: Judging

  private func judge(_ outcomes: [ActorProcess.Outcome]) throws {
    var allowed = [model]
    for (actor, outcome) in zip(actors, outcomes) {
      if let failure = outcome.failure {
        throw Violation("P4", "\(actor.name) failed as \(failure): \(outcome.message)")
      }
      count.acknowledged += outcome.acknowledged.count
      try checkRestored(outcome)
      for index in allowed.indices {
        for (operation, number) in outcome.acknowledged {
          allowed[index].apply(operation, number: number)
        }
      }
      if let inFlight = outcome.inFlight { allowed += allowed.map { $0.applying(inFlight) } }
    }
    let depth: Inspection.Depth = count.rounds % 4 == 3 ? .whole : .collecting
    model = try Inspection(of: site).run(allowing: allowed, depth)
    for actor in actors where actor.disturbance == .killed {
      try FileSystemCalls.removeTree(site.work(of: actor.name))
    }
  }

  private func checkRestored(_ outcome: ActorProcess.Outcome) throws {
    var model = model
    for (operation, number) in outcome.acknowledged {
      if case .restore(let history, let number, let name, _) = operation {
        let directory = site.destination(name)
        try RestoredDirectory.check(directory, against: model.histories[history]?[number])
        try FileSystemCalls.removeTree(directory)
      }
      model.apply(operation, number: number)
    }
  }

  /// So that a round costs what the first one cost.
  private func prune() throws {
    var performer = try Performer(site: site.root, work: site.work(of: "main"))
    for (history, checkpoints) in model.histories.sorted(by: { $0.key < $1.key }) {
      // By number: in which order those of several processes were completed is not known.
      let dropped = checkpoints.keys.sorted().dropLast(2)
      let operation = Operation.drop(history: history, numbers: Array(dropped), force: true)
      _ = try performer.perform(operation)
      model.apply(operation)
    }
  }
}
