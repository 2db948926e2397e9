// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
internal import Synchronization
package import SystemPackage

/// A ``Source`` without a store: what a test completes, drops and tags is there at once.
///
/// The bytes are in one nameless file, so that every content begins somewhere in the middle of it.
package final class MemorySource: Source {
  package let name: String
  let contents: FileDescriptor
  private let state = Mutex(MemoryState())
  private let watches = Mutex<[MemoryWatch]>([])
  private let isWatchable: Bool
  private let held = Mutex<HeldAnswer?>(nil)

  /// - Parameter directory: where the nameless file takes its room.
  package init(
    name: String = "memory", directory: FilePath = "/tmp", isWatchable: Bool = true
  ) throws {
    self.name = name
    self.isWatchable = isWatchable
    contents = try FileDescriptor.open(
      directory, .readWrite, options: .namelessFile, permissions: .ownerReadWrite)
  }

  deinit {
    // Nothing is left to report: the file goes with its last descriptor.
    try? contents.close()
  }

  /// Lets `body` look at or change the state, in one step for all readers.
  func withState<Value: Sendable>(_ body: (inout MemoryState) throws -> Value) rethrows -> Value {
    defer { watches.withLock { for watch in $0 { watch.tell() } } }
    return try state.withLock { try body(&$0) }
  }

  private func read<Value: Sendable>(
    _ body: (inout MemoryState) -> Value
  ) throws(SourceError) -> Value {
    let answer: Value? = state.withLock { $0.isAvailable ? body(&$0) : nil }
    guard let answer else {
      throw SourceError(.unavailable, "the source '\(name)' was switched off by the test")
    }
    return answer
  }
}

extension MemorySource {
  package func histories(
    after id: HistoryID?, limit: Int
  ) throws(SourceError) -> [HistoryRecord] {
    let found = try read { state in
      let all = state.histories.values.map(\.record).sorted { $0.id < $1.id }
      return state.portion(all.drop { record in id.map { record.id <= $0 } ?? false }, limit)
    }
    held.withLock { $0?.limit ?? 0 > limit ? $0.take() : nil }?.wait()
    return found
  }

  /// Has the next who asks for fewer than `limit` histories at a time wait with the answer until he may go on.
  package func holdNextHistories(below limit: Int) -> HeldAnswer {
    let answer = HeldAnswer(limit: limit)
    held.withLock { $0 = answer }
    return answer
  }

  package func history(named name: HistoryName) throws(SourceError) -> HistoryRecord? {
    try read { state in state.histories.values.first { $0.record.name == name }?.record }
  }

  package func history(_ id: HistoryID) throws(SourceError) -> HistoryRecord? {
    try read { $0.histories[id]?.record }
  }

  package func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(SourceError) -> [CheckpointRecord] {
    try read { state in
      let all = state.histories[history]?.checkpoints ?? []
      let start = number.map { number in all.partition { $0.number > number } } ?? 0
      return state.portion(all[start...], limit)
    }
  }

  package func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord? {
    try checkpoints(of: history, after: CheckpointNumber(rawValue: number.rawValue - 1), limit: 1)
      .first { $0.number == number }
  }

  package func checkpoint(_ id: CheckpointID) throws(SourceError) -> CheckpointRecord? {
    try read { $0.checkpoints[id]?.record }
  }

  package func latestCheckpoint(of history: HistoryID) throws(SourceError) -> CheckpointRecord? {
    try read { $0.histories[history]?.checkpoints.last }
  }

  package func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(SourceError) -> [TagRecord] {
    try read { state in
      let all = state.tags.values.filter { $0.history == history }.sorted { $0.id < $1.id }
      return state.portion(all.drop { record in id.map { record.id <= $0 } ?? false }, limit)
    }
  }

  package func tag(
    named name: TagName, of history: HistoryID
  ) throws(SourceError) -> TagRecord? {
    try read { state in state.tags.values.first { $0.history == history && $0.name == name } }
  }

  package func tag(_ id: TagID) throws(SourceError) -> TagRecord? {
    try read { $0.tags[id] }
  }

  package func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(SourceError) -> [EntryRecord] {
    try read { state in
      let ordinals =
        state.checkpoints[checkpoint]?.entries.ordinals(in: directory, from: ordinal, limit: limit)
      return state.portion((ordinals ?? []).compactMap { state.entry($0, of: checkpoint) }, limit)
    }
  }

  package func entry(
    at path: EntryPath, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try read { state in
      state.checkpoints[checkpoint]?.entries.ordinal(of: path)
        .flatMap { state.entry($0, of: checkpoint) }
    }
  }

  package func entry(
    _ ordinal: Int, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord? {
    try read { $0.entry(ordinal, of: checkpoint) }
  }

  package func sharedFile(_ inode: SharedInode) throws(SourceError) -> SharedFileRecord? {
    try read { $0.sharedFiles[inode] }
  }

  package func open(_ digest: Digest) throws(SourceError) -> OpenFile? {
    let (place, isDamaged) = try read { state in
      (state.isReferred(digest) ? state.places[digest] : nil, state.damaged.contains(digest))
    }
    if isDamaged {
      throw SourceError(.damaged, "the test damaged blob \(digest): restore it")
    }
    guard let place else { return nil }
    do {
      return OpenFile(
        owning: try contents.duplicate(), offset: place.offset, length: Int64(place.length))
    } catch {
      throw SourceError(.unavailable, "cannot duplicate a descriptor: \(error)", cause: error)
    }
  }

  package func watch() throws(SourceError) -> (any SourceWatch)? {
    guard isWatchable else { return nil }
    let watch = MemoryWatch()
    watches.withLock { $0.append(watch) }
    return watch
  }

  /// How often those who watch were told of a change.
  package var changesTold: Int { watches.withLock { $0.reduce(0) { $0 + $1.changesTold } } }

  package func capacity() throws(SourceError) -> Capacity {
    try read { state in
      Capacity(
        blockSize: 4096, blocks: 1_000_000, freeBlocks: 500_000, availableBlocks: 400_000,
        files: 65_536 + UInt64(state.places.count), freeFiles: 65_536)
    }
  }
}

extension FileDescriptor.OpenOptions {
  /// O_TMPFILE, a macro that is not imported: a bit of its own beside O_DIRECTORY.
  fileprivate static var namelessFile: Self {
    Self(rawValue: 0o20_000_000).union(.directory)
  }
}

extension [CheckpointRecord] {
  /// The index of the first that `belongsAfter`, by binary search.
  func partition(belongsAfter: (CheckpointRecord) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
