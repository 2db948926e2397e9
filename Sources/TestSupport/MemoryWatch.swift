// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Dispatch
internal import Synchronization

/// A watch of a ``MemorySource``.
final class MemoryWatch: SourceWatch {
  private let arrival = DispatchSemaphore(value: 0)
  private let isCancelled = Atomic(false)
  private let told = Atomic(0)

  /// How often somebody who waited was told of a change.
  var changesTold: Int { told.load(ordering: .acquiring) }

  func wait(atMost limit: Duration?) throws(SourceError) -> SourceEvent {
    let milliseconds = limit.map { Int($0 / .milliseconds(1)) }
    let result = arrival.wait(
      timeout: milliseconds.map { .now() + .milliseconds($0) } ?? .distantFuture)
    if isCancelled.load(ordering: .acquiring) { return .cancelled }
    guard result == .success else { return .timedOut }
    told.wrappingAdd(1, ordering: .releasing)
    return .changed
  }

  func cancel() {
    isCancelled.store(true, ordering: .releasing)
    arrival.signal()
  }

  func tell() { arrival.signal() }
}
