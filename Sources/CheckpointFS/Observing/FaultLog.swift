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
    /// Hashes of the messages that were logged.
    var known: Set<Int> = []
    var record = FaultRecord()
  }

  private let logger: Logger
  private let state = Mutex(State())

  package init(logger: Logger) {
    self.logger = logger
  }

  /// How many messages are remembered; then all are forgotten, and said again. More than a badly damaged store has blobs: a
  /// scan that fails more often than this would log everything each time.
  package static let capacity = 1 << 16

  package var record: FaultRecord { state.withLock { $0.record } }

  /// Callable from any number of threads.
  package func note(_ error: TreeError) {
    guard case .source(let error) = error else { return }
    let time = Timestamp(nanoseconds: WallClock.now())
    let isNew = state.withLock { state in
      state.record.add(error, at: time)
      let message = error.message.hashValue
      if state.known.contains(message) { return false }
      if state.known.count == Self.capacity { state.known.removeAll(keepingCapacity: true) }
      state.known.insert(message)
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
