// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// Takes SIGHUP, SIGINT and SIGTERM for a session, for as long as it lives.
///
/// As `fuse_set_signal_handlers`, it leaves alone what is ignored already (nohup), ignores SIGPIPE,
/// and exists once per process. Unlike it, a signal only wakes ``wait()``: the session has things to
/// do before its loop may end.
struct TerminationSignals: ~Copyable {
  private var replaced: [Int32] = []

  /// Nil when another session has them.
  init?() {
    guard !Self.isTaken.exchange(true, ordering: .sequentiallyConsistent) else { return nil }
    Self.received.store(0, ordering: .sequentiallyConsistent)
    unsafe sem_init(Self.arrival, 0, 0)
    for signal in Self.signals {
      replaceDefault(of: signal, by: Self.handler)
    }
    replaceDefault(of: SIGPIPE, by: SIG_IGN)
    unblock()
  }

  deinit {
    for signal in replaced {
      var action = sigaction()
      unsafe action.__sigaction_handler.sa_handler = SIG_DFL
      unsafe sigaction(signal, &action, nil)
    }
    Self.isTaken.store(false, ordering: .sequentiallyConsistent)
  }

  /// Lets the signals through to the calling thread: a process that was started from a thread that
  /// blocks them, as Dispatch's do, has inherited that.
  func unblock() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for signal in Self.signals { unsafe sigaddset(&signals, signal) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// The signal that came first.
  var received: Int32? { Self.first }

  static var first: Int32? {
    let signal = received.load(ordering: .sequentiallyConsistent)
    return signal == 0 ? nil : signal
  }

  /// Waits for a signal or ``wake()``, on any thread.
  static func wait() {
    while unsafe sem_wait(arrival) != 0 {}
  }

  static func wake() {
    unsafe sem_post(arrival)
  }

  private mutating func replaceDefault(of signal: Int32, by handler: __sighandler_t?) {
    var current = sigaction()
    unsafe sigaction(signal, nil, &current)
    guard unsafe current.__sigaction_handler.sa_handler == nil else { return }
    // Without SA_RESTART, so that waits come back.
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    unsafe sigaction(signal, &action, nil)
    replaced.append(signal)
  }

  // An atomic and sem_post are async-signal-safe; not much else is.
  private static let handler: @convention(c) (Int32) -> Void = { signal in
    _ = TerminationSignals.received.compareExchange(
      expected: 0, desired: signal, ordering: .sequentiallyConsistent)
    TerminationSignals.wake()
  }

  private static let signals = [SIGHUP, SIGINT, SIGTERM]
  private static let isTaken = Atomic(false)
  private static let received = Atomic<Int32>(0)
  /// Never freed: a handler may still be running on another thread.
  nonisolated(unsafe) private static let arrival = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
}
