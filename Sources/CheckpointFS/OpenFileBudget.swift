// SPDX-License-Identifier: Apache-2.0

package import Logging
internal import Synchronization

/// How many files this process may hold open for readers.
///
/// The rest of its limit is for itself: without a descriptor the catalog could not be read, and the whole mount would fail
/// where only one more open has to. Callable from any number of threads.
package final class OpenFileBudget: Sendable {
  private struct State {
    var held = 0
    /// Whether the log says that there are no more.
    var isExhausted = false
  }

  /// What the catalog, its watch and one open of each thread take at most, with much to spare.
  private static let own = 128

  package let capacity: Int
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameter limit: how many files the process may have open.
  package init(limit: Int, logger: Logger) {
    capacity = max(limit - Self.own, limit / 2)
    self.logger = logger
  }

  /// Takes one; ``giveBack()`` must follow.
  ///
  /// - Returns: whether there was one.
  package func take() -> Bool {
    let (isTaken, isNew) = state.withLock { state in
      if state.held < capacity {
        state.held += 1
        return (true, false)
      }
      defer { state.isExhausted = true }
      return (false, !state.isExhausted)
    }
    if isNew {
      logger.error(
        """
        readers have \(capacity) files open, more than this process can hold open for them: opening fails (ENFILE) \
        until some are closed; raise the hard limit of open files ('ulimit -Hn', LimitNOFILE= of a unit)
        """)
    }
    return isTaken
  }

  package func giveBack() {
    let isOver = state.withLock { state in
      state.held -= 1
      // Not at the first that is free: who opens and closes at the limit would fill the log.
      guard state.isExhausted, state.held <= capacity / 8 * 7 else { return false }
      state.isExhausted = false
      return true
    }
    if isOver { logger.notice("files can be opened again") }
  }
}
