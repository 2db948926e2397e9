// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Threads that try one case after the other.
enum Workers {
  private struct State {
    var next = 0
    var isOver = false
    var failure: (any Error)?
  }

  /// Calls `body` with 0, 1, 2, … until it returns `false` or throws; the first error is thrown.
  static func run(width: Int = 2, _ body: @Sendable (Int) throws -> Bool) throws {
    let state = Mutex(State())
    DispatchQueue.concurrentPerform(iterations: width) { _ in
      while true {
        let turn = state.withLock { state -> Int? in
          guard !state.isOver else { return nil }
          defer { state.next += 1 }
          return state.next
        }
        guard let turn else { return }
        do {
          if try !body(turn) { state.withLock { $0.isOver = true } }
        } catch {
          state.withLock { state in
            state.isOver = true
            state.failure = state.failure ?? error
          }
        }
      }
    }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
