// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization

/// A libfuse session that notifiers may use while it is open, and that outlives their calls.
///
/// `Sendable` by hand: libfuse lets any thread notify and exit a session. All else is done by the
/// one ``Session`` that owns it, on one thread.
@safe final class SessionHandle: @unchecked Sendable {
  private struct Notifications {
    var areAllowed = true
    var inFlight = 0
  }

  let raw: OpaquePointer
  private let notifications = Mutex(Notifications())

  init(_ raw: OpaquePointer) {
    unsafe self.raw = raw
  }

  deinit {
    unsafe fuse_session_destroy(raw)
  }

  /// What `body` returns, or nil after ``close()``. Not under the lock: a notification may have to
  /// wait in the kernel for a request that is being served.
  func notify(_ body: (OpaquePointer) -> Int32) -> Int32? {
    let isAllowed = notifications.withLock { state in
      if state.areAllowed { state.inFlight += 1 }
      return state.areAllowed
    }
    guard isAllowed else { return nil }
    defer { notifications.withLock { $0.inFlight -= 1 } }
    return unsafe body(raw)
  }

  /// Lets no notification begin any more, and waits for those in flight.
  func close() {
    notifications.withLock { $0.areAllowed = false }
    while notifications.withLock({ $0.inFlight > 0 }) { usleep(1000) }
  }
}
