// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// One store that several actors use in turns, each compared with the model; a mount of it shows the same.
///
/// A turn is whatever it is where a trace has lost turns before it: the model knows what is refused then.
struct ModelRun {
  static let actors = 3

  private let site: Site
  private var performers: [Performer]
  /// From the first turn on that needs it.
  private var onlooker: Onlooker?
  private(set) var model = Model()
  private var killed = 0

  init() throws {
    let site = try Site()
    self.site = site
    performers = try (0..<Self.actors).map {
      try Performer(site: site.root, work: site.work(of: "\($0)"))
    }
    _ = try performers[0].perform(.create)
  }

  // MARK: Turns

  mutating func perform(_ turn: Turn) throws {
    let operation = turn.operation
    switch operation {
    case _ where model.isUncertain(operation): return
    case .look, .lookAt, .list, .read, .open, .readOpened, .close, .damage, .remount: try look(turn)
    case .rebuild: try rebuild(killedAt: turn.killedAt)
    case _ where turn.killedAt != nil: try kill(turn)
    default: try perform(operation, by: turn.actor)
    }
  }

  private mutating func look(_ turn: Turn) throws {
    if turn.operation == .look { try glance() }
    if onlooker == nil { onlooker = try Onlooker(site) }
    try onlooker?.perform(turn.operation, by: turn.actor, model)
  }

  /// Nobody may use a store whose catalog is replaced, but for mounts. After one that was killed another is needed, since
  /// the store has no catalog then.
  private mutating func rebuild(killedAt step: Int?) throws {
    for actor in performers.indices { performers[actor].close() }
    if let step {
      let outcome = try end(.rebuild, killedAt: step)
      if let failure = outcome.failure {
        throw Violation("P8", "another process: \(failure): \(outcome.message)")
      }
    }
    _ = try performers[0].perform(.rebuild)
    onlooker?.expectRebuild()
    model.apply(.rebuild)
  }

  private mutating func perform(_ operation: Operation, by actor: Int) throws {
    let expected = model.refusal(of: operation, by: actor)
    do {
      let number = try performers[actor].perform(operation)
      guard expected == nil else {
        throw Violation("P7", "it was done, and not refused as \(expected.map { "\($0)" } ?? "")")
      }
      try check(number, of: operation, by: actor)
      try checkRestored(operation)
      model.apply(operation, by: actor, number: number)
      if operation == .collect { try checkCollected() }
    } catch let error as StoreError {
      guard error.code == expected else {
        throw Violation("P6", "it failed as \(error.code): \(error.message)")
      }
      model.apply(operation, by: actor)
      // Bad input changes nothing (promise P10).
      if operation.isHostile { try glance() }
    }
  }

  /// A number that the store chose follows all that were given before.
  private func check(_ number: Int64?, of operation: Operation, by actor: Int) throws {
    let history: String
    switch operation {
    case .commit(let name, nil, _, _): history = name
    case .start(let name, nil, _) where model.flights[actor] == nil: history = name
    default: return
    }
    let expected = model.nextNumber(of: history)
    // What a killed process has begun keeps its number until it is collected.
    let isRight = number.map { model.haunted.contains(history) ? $0 >= expected : $0 == expected }
    guard isRight == true else {
      throw Violation("P7", "it got the number \(number ?? 0) instead of \(expected)")
    }
  }

  private func checkRestored(_ operation: Operation) throws {
    guard case .restore(let history, let number, let name, _) = operation else { return }
    let directory = site.destination(name)
    try RestoredDirectory.check(directory, against: model.histories[history]?[number])
    try FileSystemCalls.removeTree(directory)
  }

  // MARK: Killing

  private mutating func kill(_ turn: Turn) throws {
    guard let step = turn.killedAt else { return }
    let outcome = try end(turn.operation, killedAt: step)
    if outcome.wasKilled {
      model = try remains(of: turn.operation)
      return
    }
    let expected = model.refusal(of: turn.operation).map { "\($0)" }
    guard outcome.failure == expected else {
      throw Violation("P6", "another process: \(outcome.failure ?? "done"): \(outcome.message)")
    }
    if outcome.failure == nil { try checkRestored(turn.operation) }
    model.apply(turn.operation, number: outcome.acknowledged.first?.number)
  }

  /// Does an operation in a process of its own that dies at a step, if it has so many.
  private mutating func end(
    _ operation: Operation, killedAt step: Int
  ) throws -> ActorProcess.Outcome {
    killed += 1
    let process = try ActorProcess("killed\(killed)", in: site, [operation], steps: "kill@\(step)")
    let outcome = try process.wait()
    if outcome.wasKilled { try FileSystemCalls.removeTree(site.work(of: "killed\(killed)")) }
    return outcome
  }

  /// What a killed operation left is there whole or not at all.
  private func remains(of operation: Operation) throws -> Model {
    let found = try StoreImage(of: Store(at: site.store)).model
    let history = operation.history
    // The number that it had been given, if that can be seen.
    let number = history.flatMap { name in
      found.histories[name]?.keys.filter { model.histories[name]?[$0] == nil }.max()
    }
    var allowed = [model, model.applying(operation, number: number)]
    // What was late is given up before anything is begun.
    allowed.append(model.applying(.collect))
    guard var model = allowed.first(where: { $0 == found }) else {
      let differences = allowed.map { found.difference(from: $0) }
      throw Violation("P1", differences.joined(separator: " — or — "))
    }
    if let history { model.haunted.insert(history) }
    model.haunted.formUnion(self.model.haunted)
    if case .restore(_, _, let name, _) = operation {
      try FileSystemCalls.removeTree(site.destination(name))
    }
    return model
  }

  // MARK: Looking at the store itself

  private mutating func glance() throws {
    let found = try StoreImage(of: performers[0].opened()).model
    guard found == model else {
      throw Violation("P1", "the store shows: \(found.difference(from: model))")
    }
  }

  /// Nothing is kept but what is referred to, waits for shards or is in flight, and nothing of that is gone.
  private mutating func checkCollected() throws {
    let store = try performers[0].opened()
    let flying = model.flights.values.flatMap(\.files).map(\.digest)
    let waiting = model.pending.values.flatMap(\.values).flatMap(\.values).compactMap(\.self)
      .flatMap(\.values).compactMap { $0?.digest }
    let needed = Set(model.references.keys).union(waiting).union(flying)
    var kept: Set<Digest> = []
    var missing: [BlobName] = []
    try store.catalog.forEachBlob { blob, kind in
      if kind == .content { kept.insert(blob.name.digest) }
      if try !FileSystemCalls.exists(site.path(of: blob.name)) { missing.append(blob.name) }
    }
    guard missing.isEmpty, kept.isSuperset(of: needed) else {
      throw Violation("P4", "collected were \(missing), \(needed.subtracting(kept))")
    }
    // Bases in flight keep all that they hold, and shards in the making what they took in.
    let isQuiet = model.flights.isEmpty && model.pending.isEmpty
    guard !isQuiet || kept == needed else {
      throw Violation("P6", "collection left \(kept.subtracting(needed))")
    }
  }

  /// All of it, when all turns have been taken.
  mutating func end(_ depth: Inspection.Depth) throws {
    for actor in performers.indices {
      performers[actor].close()
      model.apply(.cancel, by: actor)
    }
    // The inspection's collection, too, gives up what is late.
    if !model.late.isEmpty { try perform(.collect, by: 0) }
    if onlooker != nil { try look(Turn(actor: 0, operation: .look)) }
    performers[0].close()
    try onlooker?.end()
    onlooker = nil
    try Inspection(of: site).run(allowing: [model], depth)
  }
}

extension Operation {
  /// Which history it is about, where it is about one.
  fileprivate var history: String? {
    switch self {
    case .commit(let history, _, _, _), .importFiles(let history, _, _), .start(let history, _, _),
      .commitDirectory(let history, _, _, _), .importFlink(let history, _, _, _),
      .abort(let history, _),
      .begin(let history, _, _, _), .commitShard(let history, _, _, _),
      .abortShards(let history, _), .tag(let history, _, _), .untag(let history, _),
      .rename(let history, _), .drop(let history, _, _), .prune(let history, _),
      .withdraw(let history, _), .restore(let history, _, _, _), .lookAt(let history, _),
      .list(let history), .read(let history, _, _),
      .open(let history, _, _), .damage(let history, _, _, _):
      history
    case .create, .finish, .cancel, .collect, .check, .rebuild, .forsake, .look, .readOpened,
      .close, .remount, .repair, .readAll:
      nil
    }
  }
}
