// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Synchronization

/// Entries that were asked for, and their neighbours, until something changes.
///
/// It answers only while somebody watches for changes and has it forget then. Callable from any number of threads.
final class KnownEntries: Sendable {
  private struct Key: Hashable {
    let checkpoint: CheckpointID
    let path: EntryPath
  }

  private struct State {
    var entries: [Key: EntryRecord] = [:]
    var isWatched = false
    /// How often all was forgotten.
    var generation = 0
  }

  private static let capacity = 16_384

  private let state = Mutex(State())

  /// The entry at `path`, which `find` looks for, and for its neighbours, when it is not known.
  func entry(
    at path: EntryPath, of checkpoint: CheckpointID,
    find: () throws(SourceError) -> [EntryRecord]
  ) throws(SourceError) -> EntryRecord? {
    let key = Key(checkpoint: checkpoint, path: path)
    let (known, generation) = state.withLock { ($0.entries[key], $0.generation) }
    if let known { return known }
    let found = try find()
    state.withLock { state in
      // What was found before a change may be wrong after it.
      guard state.isWatched, state.generation == generation else { return }
      if state.entries.count + found.count > Self.capacity {
        state.entries.removeAll(keepingCapacity: true)
      }
      for record in found {
        state.entries[Key(checkpoint: checkpoint, path: record.entry.path)] = record
      }
    }
    return found.first { $0.entry.path == path }
  }

  /// - Parameter isWatched: whether changes from now on will be told of by another call.
  func forget(isWatched: Bool) {
    state.withLock { state in
      state.entries.removeAll()
      state.isWatched = isWatched
      state.generation += 1
    }
  }
}
