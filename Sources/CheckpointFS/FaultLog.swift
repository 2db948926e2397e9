// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
package import Logging
internal import Synchronization

/// Says once why requests fail, however often they do.
///
/// A scan of a damaged checkpoint asks for the same file thousands of times, and the kernel passes
/// on no more than an error number.
package final class FaultLog: Sendable {
  private let logger: Logger
  /// The latest messages, the oldest first.
  private let known = Mutex<[String]>([])

  package init(logger: Logger) {
    self.logger = logger
  }

  /// How many messages are remembered. One that was forgotten since is said again.
  package static let capacity = 256

  /// Callable from any number of threads.
  package func note(_ error: TreeError) {
    guard case .source(let error) = error else { return }
    let isNew = known.withLock { known in
      if known.contains(error.message) { return false }
      if known.count == Self.capacity { known.removeFirst() }
      known.append(error.message)
      return true
    }
    guard isNew else { return }
    // A cause that only says the same again makes the line no clearer.
    let cause = error.cause.map { "\($0)" }.flatMap { $0 == error.message ? nil : $0 }
    logger.error("\(error.message)", metadata: cause.map { ["cause": .string($0)] })
  }
}
