// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import LinuxFiles
package import Logging
internal import Synchronization

/// Counts requests that fail for what is wrong with the source, and says once why, however often they do.
///
/// A scan of a damaged checkpoint asks for the same file thousands of times, and the kernel passes
/// on no more than an error number.
package final class FaultLog: Sendable {
  private struct State {
    /// The latest messages, the oldest first.
    var known: [String] = []
    var record = FaultRecord()
  }

  private let logger: Logger
  private let state = Mutex(State())

  package init(logger: Logger) {
    self.logger = logger
  }

  /// How many messages are remembered. One that was forgotten since is said again.
  package static let capacity = 256

  package var record: FaultRecord { state.withLock { $0.record } }

  /// Callable from any number of threads.
  package func note(_ error: TreeError) {
    guard case .source(let error) = error else { return }
    let time = Timestamp(nanoseconds: WallClock.now())
    let isNew = state.withLock { state in
      state.record.add(error, at: time)
      if state.known.contains(error.message) { return false }
      if state.known.count == Self.capacity { state.known.removeFirst() }
      state.known.append(error.message)
      return true
    }
    logger.log(
      level: isNew ? .error : .debug, "\(error.message)", metadata: Self.metadata(of: error))
  }

  private static func metadata(of error: SourceError) -> Logger.Metadata {
    var metadata: Logger.Metadata = [:]
    // A cause that only says the same again makes the line no clearer.
    if let cause = error.cause.map({ "\($0)" }), cause != error.message {
      metadata["cause"] = .string(cause)
    }
    if let damage = error.damage {
      metadata["blob"] = .stringConvertible(damage.blob)
      metadata["checkpoint"] = .array(damage.checkpoints.map { .stringConvertible($0) })
    }
    return metadata
  }
}
