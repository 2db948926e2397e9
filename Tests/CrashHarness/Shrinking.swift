// SPDX-License-Identifier: Apache-2.0

/// Finds a shorter trace that breaks the same promise.
struct Shrinking {
  private let promise: String
  private let deadline: ContinuousClock.Instant
  private(set) var failure: Trace.Failure

  /// - Parameter time: for how long at most.
  init(_ failure: Trace.Failure, for time: Duration) {
    self.failure = failure
    promise = failure.violation.promise
    deadline = .now + time
  }

  private var turns: [Turn] { failure.trace.turns }

  mutating func run() throws {
    var size = max(1, turns.count / 2)
    while ContinuousClock.now < deadline {
      let hasShrunk = try leaveOut(size)
      if size == 1, !hasShrunk { break }
      size = max(1, size / 2)
    }
    try simplify()
  }

  /// Tries without so many turns, at each place; the last first, since a failure needs what comes right before it.
  private mutating func leaveOut(_ size: Int) throws -> Bool {
    var hasShrunk = false
    var end = turns.count
    while end > 0, ContinuousClock.now < deadline {
      let start = max(0, end - size)
      var fewer = turns
      fewer.removeSubrange(start..<min(end, fewer.count))
      if try adopt(fewer) { hasShrunk = true }
      end = min(start, turns.count)
    }
    return hasShrunk
  }

  /// Tries simpler turns in the place of each.
  private mutating func simplify() throws {
    var index = 0
    while index < turns.count {
      for simpler in turns[index].simpler {
        guard ContinuousClock.now < deadline, index < turns.count else { return }
        var others = turns
        others[index] = simpler
        if try adopt(others) { break }
      }
      index += 1
    }
  }

  private mutating func adopt(_ turns: [Turn]) throws -> Bool {
    guard let found = try Trace(turns).failure(), found.violation.promise == promise else {
      return false
    }
    failure = found
    return true
  }
}

extension Turn {
  /// The same done in simpler ways, the simplest first.
  fileprivate var simpler: [Turn] {
    var simpler: [Turn] = []
    if killedAt != nil { simpler.append(Turn(actor: actor, operation: operation)) }
    for fewer in operation.withFewerFiles {
      simpler.append(Turn(actor: actor, operation: fewer, killedAt: killedAt))
    }
    return simpler
  }
}

extension Operation {
  /// With one of its files only.
  fileprivate var withFewerFiles: [Operation] {
    switch self {
    case .commit(let history, let number, let files, let tag) where files.count > 1:
      files.map { .commit(history: history, number: number, files: [$0], tag: tag) }
    case .start(let history, let number, let files) where files.count > 1:
      files.map { .start(history: history, number: number, files: [$0]) }
    case .commitShard(let history, let number, let shard, let files) where files.count > 1:
      files.map { .commitShard(history: history, number: number, shard: shard, files: [$0]) }
    case .commitDirectory(let history, let number, let files, let trick) where files.count > 1:
      files.map { .commitDirectory(history: history, number: number, files: [$0], trick: trick) }
    case .importFlink(let history, let number, let files, let trick) where files.count > 1:
      files.map { .importFlink(history: history, number: number, files: [$0], trick: trick) }
    default: []
    }
  }
}
