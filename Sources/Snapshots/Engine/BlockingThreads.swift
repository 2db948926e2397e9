// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Threads for work that waits for disks, which Swift's own pool must not.
struct BlockingThreads: Sendable {
  private let queue: DispatchQueue

  init(_ label: String) {
    queue = DispatchQueue(label: label, attributes: .concurrent)
  }

  func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: body()) }
    }
  }

  /// Does `body` some time soon.
  func start(_ body: @escaping @Sendable () -> Void) {
    queue.async(execute: body)
  }
}
