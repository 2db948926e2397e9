// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Threads that try one case after the other.
final class Workers: Sendable {
  private struct State {
    var next = 0
    var isOver = false
    var failure: (any Error)?
  }

  private let body: @Sendable (Int) throws -> Bool
  private let state = Mutex(State())

  /// Calls `body` with 0, 1, 2, … until it returns `false` or throws; the first error is thrown.
  static func run(width: Int = 2, _ body: @Sendable @escaping (Int) throws -> Bool) throws {
    let workers = Workers(body)
    let done = DispatchGroup()
    // A queue would not take more of them at a time than there are processors, however long each waits.
    for _ in 0..<width {
      done.enter()
      Thread.detachNewThread {
        workers.work()
        done.leave()
      }
    }
    done.wait()
    if let failure = workers.state.withLock({ $0.failure }) { throw failure }
  }

  private init(_ body: @Sendable @escaping (Int) throws -> Bool) { self.body = body }

  private func work() {
    while let turn = nextTurn() {
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

  private func nextTurn() -> Int? {
    state.withLock { state in
      guard !state.isOver else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }
}
