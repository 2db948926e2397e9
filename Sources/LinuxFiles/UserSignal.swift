// SPDX-License-Identifier: Apache-2.0

import Glibc

/// SIGUSR1, which kills this process no more from when this is made.
///
/// To be made before other threads are: each inherits that the signal is not for it.
public struct UserSignal: Sendable {
  private typealias Body = @Sendable () -> Void

  public init() {
    var signals = Self.signals
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Calls `body` each time the signal comes, on a thread of its own, until the process ends.
  ///
  /// What came before is not lost; what comes several times during one call counts once.
  public func onArrival(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    // Never given back, since the thread never ends.
    let context = unsafe Unmanaged.passRetained(Box(body: body)).toOpaque()
    let code = unsafe pthread_create(&thread, nil, Self.main, context)
    precondition(code == 0, "no memory for a thread")
    pthread_detach(thread)
  }

  private final class Box: Sendable {
    let body: Body
    init(body: @escaping Body) { self.body = body }
  }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    context in
    guard let context = unsafe context else { return nil }
    let box = unsafe Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
    var signals = UserSignal.signals
    var signal: Int32 = 0
    while unsafe sigwait(&signals, &signal) == 0 { box.body() }
    return nil
  }

  private static var signals: sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGUSR1)
    return signals
  }
}
