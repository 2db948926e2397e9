// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Threads for work that waits for disks, which Swift's own pool must not.
struct BlockingThreads: Sendable {
  private let queue: DispatchQueue

  init(_ label: String) {
    queue = DispatchQueue(label: label, attributes: .concurrent)
  }

  /// Does `body` on one of the threads. When this returns, nothing there holds on to what `body` captured: a database that only
  /// the caller has can be closed, and opened again, at once.
  func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    let job = Job(body)
    return await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: job.perform()) }
    }
  }

  /// Something to be done once, and let go of before anybody learns that it was.
  private final class Job<Result: Sendable>: Sendable {
    private let body: Mutex<(@Sendable () -> Result)?>

    init(_ body: @escaping @Sendable () -> Result) {
      self.body = Mutex(body)
    }

    func perform() -> Result {
      guard let body = body.withLock({ $0.take() }) else { preconditionFailure("it is done once") }
      return body()
    }
  }
}
