// SPDX-License-Identifier: Apache-2.0

package import CheckpointStore

/// What operations a store must refuse.
extension Model {
  /// - Returns: with which code it must refuse an operation now; `nil` when it must do it.
  package func refusal(of operation: Operation, by actor: Int = 0) -> StoreError.Code? {
    switch operation {
    case .commit(let history, let number, _, let tag):
      // One that is completed is not tagged by committing it again.
      if let number, histories[history]?[number] != nil { return nil }
      return refusal(of: number, in: history) ?? tag.flatMap { refusal(of: $0, history, number) }
    case .importFiles(let history, let number, _): return refusal(of: number, in: history)
    case .commitDirectory(let history, let number, let files, let trick):
      return trick?.refusal
        ?? refusal(toTakeIn: Self.entries(files, trick), number, in: history)
    case .importFlink(let history, let number, let files, let trick):
      return trick?.refusal
        ?? refusal(
          toTakeIn: SyntheticJob(files, number, trick).entries, number, in: history)
    case .start(let history, let number, _):
      return flights[actor] == nil ? refusal(of: number, in: history) : nil
    case .finish(let tag):
      return flights[actor].flatMap { flight in
        tag.flatMap { refusal(of: $0, flight.history, flight.number) }
      }
    case .begin(let history, let number, let shards, _):
      return refusal(toBegin: history, number, shards)
    case .commitShard(let history, let number, let shard, _):
      return refusal(toCommit: shard, history, number)
    case .abortShards(let history, let number):
      if pending[history]?[number] != nil { return nil }
      if isBeingTaken(number, in: history) { return .busy }
      return histories[history]?[number] == nil ? .noSuchCheckpoint : .refused
    case .tag(let history, let number, let name):
      return absence(of: number, in: history) ?? refusal(of: name, history, number)
    case .untag(let history, let name):
      guard let checkpoints = histories[history] else { return .noSuchHistory }
      return checkpoints.values.contains { $0.tags.contains(name) } ? nil : .noSuchTag
    case .rename(let history, let name):
      guard histories[history] != nil else { return .noSuchHistory }
      return history != name && isTaken(name) ? .exists : nil
    case .drop(let history, let numbers, let force):
      return refusal(toDrop: history, numbers, force: force)
    case .prune(let history, _): return histories[history] == nil ? .noSuchHistory : nil
    case .withdraw(let history, let number):
      if let absence = absence(of: number, in: history) { return absence }
      return histories[history]?[number]?.tags == ["unconfirmed-\(number)"] ? nil : .refused
    case .restore(let history, let number, _, _): return absence(of: number, in: history)
    case .create, .abort, .cancel, .collect, .rebuild, .forsake, .check, .repair, .readAll:
      return nil
    case .look, .lookAt, .list, .read, .open, .readOpened, .close, .damage, .remount: return nil
    }
  }

  private func absence(of number: Int64, in history: String) -> StoreError.Code? {
    if histories[history]?[number] != nil { return nil }
    let isPending = pending[history]?[number] != nil
    return histories[history] == nil && !isPending ? .noSuchHistory : .noSuchCheckpoint
  }

  /// Of a number that is asked for: one that was dropped is never given again.
  private func refusal(of number: Int64?, in history: String) -> StoreError.Code? {
    guard let number, histories[history]?[number] == nil else { return nil }
    let known = numbers[history] ?? Numbers()
    if known.used.contains(number) || number < known.least { return .refused }
    let isLate = late.contains(CheckpointKey(history: history, number: number))
    return isBeingTaken(number, in: history) && !isLate ? .busy : nil
  }

  /// Of a directory: a completed checkpoint stands for it where it has the same contents under the same paths.
  private func refusal(
    toTakeIn entries: [String: Held?], _ number: Int64, in history: String
  ) -> StoreError.Code? {
    guard let known = histories[history]?[number]?.entries else {
      return refusal(of: number, in: history)
    }
    return known.mapValues { $0?.digest } == entries.mapValues { $0?.digest } ? nil : .exists
  }

  /// Whether somebody has begun it, be it past its deadline by now.
  func isBeingTaken(_ number: Int64, in history: String) -> Bool {
    pending[history]?[number] != nil
      || flights.values.contains { $0.history == history && $0.number == number }
  }

  /// Of a tag: it is on one checkpoint of a history.
  private func refusal(
    of tag: String, _ history: String, _ number: Int64?
  ) -> StoreError.Code? {
    let isElsewhere = (histories[history] ?? [:]).contains {
      $0.key != number && $0.value.tags.contains(tag)
    }
    return isElsewhere ? .exists : nil
  }

  private func refusal(
    toBegin history: String, _ number: Int64, _ shards: [String]
  ) -> StoreError.Code? {
    if histories[history]?[number] != nil { return .exists }
    let isLate = late.contains(CheckpointKey(history: history, number: number))
    if let known = pending[history]?[number], !isLate {
      return Set(known.keys) == Set(shards) ? nil : .busy
    }
    return refusal(of: number, in: history)
  }

  private func refusal(
    toCommit shard: String, _ history: String, _ number: Int64
  ) -> StoreError.Code? {
    if let shards = pending[history]?[number] {
      guard let state = shards[shard] else { return .refused }
      let isLate = late.contains(CheckpointKey(history: history, number: number))
      return state == nil && isLate ? .expired : nil
    }
    if let completed = histories[history]?[number] {
      return completed.entries[shard] == .some(nil) ? nil : .refused
    }
    return (numbers[history]?.next ?? 1) > number ? .expired : .noSuchCheckpoint
  }

  private func refusal(
    toDrop history: String, _ dropped: [Int64], force: Bool
  ) -> StoreError.Code? {
    for number in dropped {
      if let absence = absence(of: number, in: history) { return absence }
    }
    for number in dropped {
      if number == histories[history]?.keys.max() { return .refused }
      if !force, histories[history]?[number]?.tags.isEmpty == false { return .refused }
    }
    return nil
  }

  /// Whether what a killed process has begun, and nobody can see, decides what becomes of it.
  package func isUncertain(_ operation: Operation) -> Bool {
    switch operation {
    case .abortShards(let history, _): haunted.contains(history)
    case .rename(_, let name): haunted.contains(name)
    default: false
    }
  }

  private func isTaken(_ name: String) -> Bool {
    numbers[name]?.used.isEmpty == false || pending[name] != nil
      || flights.values.contains { $0.history == name }
  }

  /// The number that the next checkpoint of a history gets.
  func nextNumber(of history: String) -> Int64 {
    let flying = flights.values.filter { $0.history == history }.map { $0.number + 1 }
    let waiting = (pending[history] ?? [:]).keys.map { $0 + 1 }
    return (flying + waiting).reduce(numbers[history]?.next ?? 1, max)
  }

  /// Which of a history's checkpoints are neither the latest, nor among the last to complete, nor tagged.
  func pruned(_ history: String, keepingLast last: Int) -> [Int64] {
    let checkpoints = histories[history] ?? [:]
    let inOrder = (numbers[history]?.used ?? []).filter { checkpoints[$0] != nil }
    let kept = Set(inOrder.suffix(last)).union([checkpoints.keys.max() ?? 0])
    return inOrder.filter { !kept.contains($0) && checkpoints[$0]?.tags.isEmpty == true }.sorted()
  }
}
