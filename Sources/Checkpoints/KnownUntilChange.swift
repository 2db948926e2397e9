// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Answers that were found once, until something changes.
///
/// What was found before a change may be wrong after it: it is kept only where nothing was forgotten while it was looked
/// for. Callable from any number of threads.
package final class KnownUntilChange<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct State {
    var values: [Key: Value] = [:]
    var isWatched: Bool
    /// How often all was forgotten.
    var generation = 0
  }

  private let capacity: Int
  private let state: Mutex<State>

  /// - Parameters:
  ///   - capacity: how many are kept at most; for one more all others are forgotten.
  ///   - isWatched: whether changes will be told of by ``forget(isWatched:)``; else nothing is kept.
  package init(capacity: Int, isWatched: Bool) {
    self.capacity = capacity
    state = Mutex(State(isWatched: isWatched))
  }

  /// The value for `key`, which `find` looks for when it is not known, with others beside it as it likes.
  package func value<Failure>(
    for key: Key, find: () throws(Failure) -> [(Key, Value)]
  ) throws(Failure) -> Value? {
    let (known, generation) = state.withLock { ($0.values[key], $0.generation) }
    if let known { return known }
    let found = try find()
    state.withLock { state in
      guard state.isWatched, state.generation == generation else { return }
      if state.values.count + found.count > capacity {
        state.values.removeAll(keepingCapacity: true)
      }
      for (key, value) in found { state.values[key] = value }
    }
    return found.first { $0.0 == key }?.1
  }

  /// - Parameter isWatched: whether changes from now on will be told of by another call.
  package func forget(isWatched: Bool) {
    state.withLock { state in
      state.values.removeAll()
      state.isWatched = isWatched
      state.generation += 1
    }
  }
}
