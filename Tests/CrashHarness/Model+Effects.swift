// SPDX-License-Identifier: Apache-2.0

/// What operations do.
extension Model {
  /// Does an operation; one that a store must refuse changes nothing that can be seen.
  ///
  /// - Parameters:
  ///   - actor: who does it, for what he has in flight.
  ///   - number: which a commit got that asked for none; the one that it should get for `nil`.
  package mutating func apply(_ operation: Operation, by actor: Int = 0, number: Int64? = nil) {
    let isRefused = refusal(of: operation, by: actor) != nil
    expireLate(before: operation, isRefused: isRefused)
    if isRefused {
      // Whatever becomes of it, it has ended.
      if case .finish = operation { end(actor) }
      return
    }
    switch operation {
    case .commit(let history, let asked, let files, let tag):
      let chosen = asked ?? number ?? nextNumber(of: history)
      if histories[history]?[chosen] == nil {
        complete(history, chosen, Self.entries(files), tags: tag.map { [$0] } ?? [])
      }
    case .importFiles(let history, let number, let files):
      if histories[history]?[number] == nil {
        complete(history, number, Self.entries(files), tags: [])
      }
    case .commitDirectory(let history, let number, let files, let trick):
      if histories[history]?[number] == nil {
        complete(history, number, Self.entries(files, trick), tags: [])
      }
    case .importFlink(let history, let number, let files, let trick):
      if histories[history]?[number] == nil {
        complete(history, number, SyntheticJob(files, number, trick).entries, tags: [])
      }
    case .start(let history, let asked, let files):
      let chosen = asked ?? number ?? nextNumber(of: history)
      if flights[actor] == nil, histories[history]?[chosen] == nil {
        flights[actor] = Flight(history: history, number: chosen, files: files)
      }
    case .finish(let tag): finish(actor, tag)
    case .cancel: end(actor)
    case .begin(let history, let number, let shards, let seconds):
      begin(history, number, shards, isLate: seconds == 0)
    case .commitShard(let history, let number, let shard, let files):
      guard pending[history]?[number]?[shard] == .some(nil) else { return }
      pending[history]?[number]?[shard] = Self.entries(files, in: shard)
      completeIfWhole(history, number)
    case .abortShards(let history, let number):
      endPending(history, number)
      forgetEmptyHistories()
    case .tag(let history, let number, let name):
      histories[history]?[number]?.tags.insert(name)
    case .untag(let history, let name):
      for number in histories[history]?.keys.sorted() ?? [] {
        histories[history]?[number]?.tags.remove(name)
      }
    case .rename(let history, let name): rename(history, to: name)
    case .drop(let history, let numbers, _): drop(history, numbers)
    case .prune(let history, let last): drop(history, pruned(history, keepingLast: last))
    case .withdraw(let history, let number): drop(history, [number])
    case .rebuild: rebuild()
    case .collect: haunted = []
    case .abort: forgetEmptyHistories()
    case .create, .forsake, .check, .restore, .repair, .readAll: break
    case .look, .lookAt, .list, .read, .open, .readOpened, .close, .damage, .remount: break
    }
  }

  static func entries(
    _ files: [SyntheticFile], _ trick: DirectoryTrick?
  ) -> [String: Held?] {
    entries(files + (trick?.kept ?? []))
  }

  static func entries(
    _ files: [SyntheticFile], in shard: String? = nil
  ) -> [String: Held?] {
    let prefix = shard.map { "\($0)/" } ?? ""
    var entries: [String: Held?] = [:]
    if let shard { entries[shard] = .some(nil) }
    for file in files {
      for directory in file.directories { entries[prefix + directory] = .some(nil) }
      entries[prefix + file.path] = Held(digest: file.digest, isShared: file.isShared)
    }
    return entries
  }

  private mutating func complete(
    _ history: String, _ number: Int64, _ entries: [String: Held?], tags: Set<String> = []
  ) {
    var checkpoint = Checkpoint()
    checkpoint.entries = entries
    checkpoint.tags = tags
    histories[history, default: [:]][number] = checkpoint
    numbers[history, default: Numbers()].used.append(number)
    giveAway(history, number)
  }

  private mutating func giveAway(_ history: String, _ number: Int64) {
    let next = numbers[history]?.next ?? 1
    numbers[history, default: Numbers()].next = max(next, number + 1)
  }

  private mutating func finish(_ actor: Int, _ tag: String?) {
    guard let flight = flights.removeValue(forKey: actor) else { return }
    complete(
      flight.history, flight.number, Self.entries(flight.files), tags: tag.map { [$0] } ?? [])
  }

  private mutating func end(_ actor: Int) {
    flights[actor] = nil
    forgetEmptyHistories()
  }

  private mutating func begin(
    _ history: String, _ number: Int64, _ shards: [String], isLate: Bool
  ) {
    if pending[history]?[number] != nil { return }
    for shard in shards {
      pending[history, default: [:]][number, default: [:]][shard] = .some(nil)
    }
    giveAway(history, number)
    if isLate { late.insert(CheckpointKey(history: history, number: number)) }
  }

  private mutating func completeIfWhole(_ history: String, _ number: Int64) {
    guard let shards = pending[history]?[number], !shards.values.contains(nil) else { return }
    var entries: [String: Held?] = [:]
    for shard in shards.values.compactMap(\.self) { entries.merge(shard) { first, _ in first } }
    complete(history, number, entries)
    endPending(history, number)
  }

  private mutating func endPending(_ history: String, _ number: Int64) {
    pending[history]?[number] = nil
    if pending[history]?.isEmpty == true { pending[history] = nil }
    late.remove(CheckpointKey(history: history, number: number))
  }

  /// What is past its deadline is there until somebody looks whether there is any.
  private mutating func expireLate(before operation: Operation, isRefused: Bool) {
    switch operation {
    case .collect, .forsake: break
    // A transaction that fails takes nothing away.
    case .begin: if isRefused { return }
    case .commit(let history, let number?, _, _), .start(let history, let number?, _),
      .importFiles(let history, let number, _), .commitDirectory(let history, let number, _, _),
      .importFlink(let history, let number, _, _):
      // Before anything is begun, what is to be taken in is looked at.
      if operation.isHostile { return }
      guard isBeingTaken(number, in: history) else { return }
    default: return
    }
    for key in late { endPending(key.history, key.number) }
    forgetEmptyHistories()
  }

  private mutating func rename(_ history: String, to name: String) {
    if history == name { return }
    histories[name] = histories.removeValue(forKey: history)
    pending[name] = pending.removeValue(forKey: history)
    numbers[name] = numbers.removeValue(forKey: history)
    if haunted.remove(history) != nil { haunted.insert(name) }
    late = Self.renamed(late, history, name)
    dropped = Self.renamed(dropped, history, name)
    for actor in flights.keys where flights[actor]?.history == history {
      flights[actor]?.history = name
    }
  }

  private static func renamed(
    _ keys: Set<CheckpointKey>, _ history: String, _ name: String
  ) -> Set<CheckpointKey> {
    Set(
      keys.map { $0.history == history ? CheckpointKey(history: name, number: $0.number) : $0 })
  }

  private mutating func drop(_ history: String, _ numbers: [Int64]) {
    for number in numbers where histories[history]?[number] != nil {
      histories[history]?[number] = nil
      dropped.insert(CheckpointKey(history: history, number: number))
    }
    if histories[history]?.isEmpty == true { histories[history] = nil }
  }

  private mutating func rebuild() {
    (pending, flights, late, haunted) = ([:], [:], [], [])
    numbers = numbers.filter { histories[$0.key] != nil }
    for (history, checkpoints) in histories {
      let next = (checkpoints.keys.max() ?? 0) + 1
      numbers[history]?.next = next
      numbers[history]?.least = next
      numbers[history]?.used.removeAll { checkpoints[$0] == nil }
    }
  }

  /// One that never gave a number is forgotten with what was begun in it.
  private mutating func forgetEmptyHistories() {
    numbers = numbers.filter { history, numbers in
      numbers.next > 1 || flights.values.contains { $0.history == history }
    }
  }
}
