// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Synchronization

/// Values that never change, kept while they are used: at most `capacity` of them.
package final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct State {
    var values: [Key: (value: Value, used: UInt64)] = [:]
    var clock: UInt64 = 0

    mutating func use(_ key: Key) -> Value? {
      guard let known = values[key] else { return nil }
      clock += 1
      values[key] = (known.value, clock)
      return known.value
    }

    mutating func insert(_ value: Value, for key: Key, capacity: Int) {
      clock += 1
      values[key] = (value, clock)
      guard values.count > capacity else { return }
      // The older half goes at once, so that looking for it is rare.
      let median = values.values.map(\.used).sorted()[capacity / 2]
      values = values.filter { $0.value.used > median }
    }
  }

  private let capacity: Int
  private let state = Mutex(State())

  package init(capacity: Int) {
    self.capacity = capacity
  }

  /// The value for `key`, if it is here.
  package func value(for key: Key) -> Value? { state.withLock { $0.use(key) } }

  package func insert(_ value: Value, for key: Key) {
    state.withLock { $0.insert(value, for: key, capacity: capacity) }
  }

  package func removeAll() { state.withLock { $0.values.removeAll() } }

  /// The value for `key`, made by `make` when it is not here; two callers may make it at once.
  func value(for key: Key, make: () throws -> Value) rethrows -> Value {
    if let known = state.withLock({ $0.use(key) }) { return known }
    let value = try make()
    state.withLock { $0.insert(value, for: key, capacity: capacity) }
    return value
  }
}

typealias PageCache = BoundedCache<Int64, Page>
typealias OutlineCache = BoundedCache<CheckpointID, Outline>
