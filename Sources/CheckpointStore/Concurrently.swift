// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Does `body` for each item, several at a time, and waits for all.
///
/// After the first error no further item is begun; that error is thrown.
func concurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], width: Int, _ body: @Sendable (Item) throws -> Result
) throws -> [Result] {
  let work = ConcurrentWork<Result>(count: items.count)
  DispatchQueue.concurrentPerform(iterations: min(width, items.count)) { _ in
    while let index = work.next() {
      work.finish(index, Swift.Result { try body(items[index]) })
    }
  }
  return try work.results()
}

/// What several threads do together.
private final class ConcurrentWork<Value: Sendable>: Sendable {
  private struct State {
    var next = 0
    var values: [Value?]
    var failure: (any Error)?
  }

  private let state: Mutex<State>

  init(count: Int) {
    state = Mutex(State(values: Array(repeating: nil, count: count)))
  }

  func next() -> Int? {
    state.withLock { state in
      guard state.failure == nil, state.next < state.values.count else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func finish(_ index: Int, _ result: Result<Value, any Error>) {
    state.withLock { state in
      switch result {
      case .success(let value): state.values[index] = value
      case .failure(let error): state.failure = state.failure ?? error
      }
    }
  }

  func results() throws -> [Value] {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.values.compactMap(\.self)
    }
  }
}

/// Does `body` on so many threads at once, whatever the number of processors, and waits for all.
///
/// - Throws: the first error.
func onThreads(_ count: Int, _ body: @escaping @Sendable () throws -> Void) throws {
  let failure = FirstFailure()
  let group = DispatchGroup()
  for index in 0..<max(count, 1) {
    // Queues of their own get threads of their own.
    DispatchQueue(label: "worker-\(index)").async(group: group) {
      do { try body() } catch { failure.note(error) }
    }
  }
  group.wait()
  try failure.check()
}
