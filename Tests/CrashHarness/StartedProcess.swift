// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc

/// A process that runs or has ended, whose end can be waited for with a limit, unlike by Foundation's own waiting.
final class StartedProcess {
  private let process: Process
  private let end = DispatchSemaphore(value: 0)
  private(set) var hasEnded = false

  init(_ process: Process) throws {
    self.process = process
    process.terminationHandler = { [end] _ in end.signal() }
    try process.run()
  }

  var id: pid_t { process.processIdentifier }
  /// Once it has ended: its status, or the signal that killed it.
  var status: Int32 { process.terminationStatus }
  var wasKilled: Bool { process.terminationReason == .uncaughtSignal }

  /// Sends it a signal, if it has not ended yet.
  func send(_ signal: Int32) {
    if !hasEnded { kill(id, signal) }
  }

  /// - Returns: whether it has ended by then.
  @discardableResult
  func wait(for limit: DispatchTimeInterval = .never) -> Bool {
    guard !hasEnded else { return true }
    hasEnded = end.wait(timeout: limit == .never ? .distantFuture : .now() + limit) == .success
    // It returns at once, and lets go of the process: the run loop of who started it would hold it for good, and with it
    // each file that it was given.
    if hasEnded { process.waitUntilExit() }
    return hasEnded
  }
}
