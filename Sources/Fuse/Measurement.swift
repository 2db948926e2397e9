// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import SystemPackage

/// One request from the moment in which its callback begins until its answer is sent.
///
/// It may outlive the request: the dispatcher outlives all callbacks.
@safe struct Measurement {
  private let dispatcher: Unmanaged<Dispatcher>
  private let operation: Operation
  private let start: UInt64

  init(_ raw: OpaquePointer?, _ operation: Operation) {
    guard let raw = unsafe raw else { preconditionFailure("libfuse gives each callback a request") }
    unsafe dispatcher = Unmanaged.fromOpaque(fuse_req_userdata(raw))
    self.operation = operation
    start = Self.now()
  }

  func end(_ error: Errno) {
    end { _ in Outcome(error) }
  }

  /// - Parameter counted: counts what is to be told of the request beside its outcome.
  func end(_ counted: (SessionCounters) -> Outcome = { _ in .success }) {
    let duration = Self.now() - start
    unsafe dispatcher._withUnsafeGuaranteedRef { dispatcher in
      let counters = dispatcher.counters
      counters.note(operation, counted(counters), nanoseconds: duration)
    }
  }

  private static func now() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
