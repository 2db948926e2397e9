// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// Cuts the power in the middle of random runs, again and again, and looks at what reached the disk.
///
/// Unlike a killed process, a cut takes away all that was not synced.
package struct PowerCutting: Sendable {
  private let kind: LoopFileSystem.Kind
  private let seed: UInt64
  private let faults: String

  /// - Parameter faults: more for `CKPTFS_STEPS`, such as a step to leave out.
  package init(_ kind: LoopFileSystem.Kind, seed: UInt64, faults: String = "") {
    self.kind = kind
    self.seed = seed
    self.faults = faults
  }

  /// What a number of cuts came to.
  package struct Count: Sendable {
    package var cuts = 0
    /// How many hit an operation on its way.
    package var interrupted = 0
    package var acknowledged = 0
    /// How many left no catalog, while one was being replaced.
    package var withoutCatalog = 0
  }

  /// - Throws: ``Violation``.
  @discardableResult
  package func run(cuts: Int) throws -> Count {
    try describing("\(kind.rawValue), seed \(seed)") {
      let disk = try LoopFileSystem(kind)
      let site = Site(on: disk)
      var performer: Performer? = try Performer(site: site.root, work: site.work(of: "first"))
      _ = try performer?.perform(.create)
      performer = nil  // nothing may be open on a disk that is taken out
      var generator = SeededGenerator(seed: seed)
      var operations = RandomOperations(prefix: "h", seed: generator.next(), .alone)
      var model = Model()
      var count = Count()
      for cut in 0..<cuts {
        try describing("cut \(cut)") {
          let isDamaged = try cut % 4 == 2 && damage(site)
          let isReplaced = try cut % 4 == 1 && logOne(cut, site, &model)
          let first: [Operation] = isDamaged ? [.repair] : isReplaced ? [.rebuild] : []
          let list = first + operations.next(40, from: first.reduce(model) { $0.applying($1) })
          // Its sources are its own: those of the last run may be half written.
          let outcome = try interrupt(
            try ActorProcess(
              "main\(cut)", in: site, list,
              steps: isReplaced
                ? steps(&generator, in: Self.replacing, always: true)
                : steps(&generator, in: 1...(isDamaged ? 12 : 250))),
            disk, &generator, waitsForStop: isReplaced)
          count.cuts += 1
          count.acknowledged += outcome.acknowledged.count
          if outcome.inFlight != nil { count.interrupted += 1 }
          if try !FileSystemCalls.exists(site.store.appending("catalog.sqlite")) {
            count.withoutCatalog += 1
          }
          if isDamaged, outcome.acknowledged.count == outcome.doubtful { try repair(site) }
          model = try describing("\(outcome.inFlight.map { "\($0)" } ?? "nothing") was on its way")
          {
            try Inspection(of: site).run(
              after: outcome, from: model, cut % 4 == 3 ? .whole : .losing)
          }
        }
      }
      return count
    }
  }

  /// The steps of a rebuild from where what an earlier one kept is gone to where the new catalog has its name.
  private static let replacing: ClosedRange<UInt64> = 8...28

  /// Every other run stops at a step, the others are cut at any instant.
  private func steps(
    _ generator: inout SeededGenerator, in range: ClosedRange<UInt64>, always: Bool = false
  ) -> String {
    let isStopped = generator.next() % 2 == 0 || always
    let stop = isStopped ? ["stop@\(UInt64.random(in: range, using: &generator))"] : []
    return (stop + (faults.isEmpty ? [] : [faults])).joined(separator: ",")
  }

  /// Takes a manifest away, and adds to a page.
  ///
  /// - Returns: whether there was a checkpoint that could be hurt.
  private func damage(_ site: Site) throws -> Bool {
    let store = try Store(at: site.store)
    guard
      let history = try store.histories().first(where: { try !store.checkpoints(of: $0).isEmpty }),
      let checkpoint = try store.checkpoints(of: history).first
    else { return false }
    try FileSystemCalls.unlinkIfPresent(
      site.store.appending("manifests/\(history.id.rawValue)/\(checkpoint.number.directoryName)"))
    var pages: [BlobName] = []
    try store.catalog.forEachBlob { blob, kind in if kind == .page { pages.append(blob.name) } }
    if let page = pages.first { try FileTree.append([0], to: Damage.path(of: page, in: site)) }
    return true
  }

  /// Tags a checkpoint, which the catalog has in its log only then.
  ///
  /// - Returns: whether there was one.
  private func logOne(_ cut: Int, _ site: Site, _ model: inout Model) throws -> Bool {
    guard let (history, checkpoints) = model.histories.min(by: { $0.key < $1.key }),
      let number = checkpoints.keys.min()
    else { return false }
    let operation = Operation.tag(history: history, number: number, name: "logged\(cut)")
    let log = try KeptLog(of: site.store)
    var performer = try Performer(site: site.root, work: site.work(of: "first"))
    _ = try performer.perform(operation)
    performer.close()
    try log.leave()
    model.apply(operation)
    return true
  }

  /// What a cut has interrupted is done again.
  private func repair(_ site: Site) throws {
    let report = try Store(at: site.store).check(CheckOptions(repairs: true))
    if let problem = report.problems.first {
      throw Violation(
        "P6", "a repair that was cut off cannot be done: \(problem.path): \(problem.detail)")
    }
  }

  /// - Parameter waitsForStop: whether nothing is cut before the step that it stops at.
  private func interrupt(
    _ actor: ActorProcess, _ disk: LoopFileSystem, _ generator: inout SeededGenerator,
    waitsForStop: Bool
  ) throws -> ActorProcess.Outcome {
    let delay = Duration.microseconds(Int64(20_000 + generator.next() % 500_000))
    let cut = LoopFileSystem.Cut.allCases[Int(generator.next() % 2)]
    actor.waitUntilStoppedOrEnded(for: waitsForStop ? .seconds(30) : delay)
    let certain = try actor.acknowledgements()
    try disk.cut(cut)
    // On a busy machine it comes to the step that it is to stop at only now.
    while try actor.waitUntilStopped() { actor.resume() }
    // Without a disk it must fail, not hang or crash.
    var outcome = try actor.wait()
    outcome.doubtful = outcome.acknowledged.count - certain
    try disk.mountAgain()
    return outcome
  }
}
