// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization

/// A thread that ends a session's loop when a termination signal comes.
///
/// First it lets no notification begin and waits for those in flight, while the loop still serves.
/// When libfuse's loop ends it drops requests that it has read; a notification that waits in the
/// kernel for one of these would never return, and keep the process from dying even by SIGKILL.
final class LoopTerminator: Sendable {
  private let session: SessionHandle
  private let waiting: pthread_t
  private let isOver = Atomic(false)

  /// Runs `body`, which waits on the calling thread until the session has exited.
  static func run<Result>(for session: SessionHandle, _ body: () -> Result) -> Result {
    let terminator = LoopTerminator(session)
    var thread = pthread_t()
    let context = unsafe Unmanaged.passUnretained(terminator).toOpaque()
    let code = unsafe pthread_create(&thread, nil, main, context)
    precondition(code == 0, "no memory for a thread")
    defer {
      terminator.isOver.store(true, ordering: .sequentiallyConsistent)
      TerminationSignals.wake()
      pthread_join(thread, nil)
    }
    return body()
  }

  private init(_ session: SessionHandle) {
    self.session = session
    waiting = pthread_self()
  }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    context in
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<LoopTerminator>.fromOpaque(context)._withUnsafeGuaranteedRef {
      $0.terminate()
    }
    return nil
  }

  private func terminate() {
    TerminationSignals.wait()
    guard let signal = TerminationSignals.first else { return }
    session.close()
    unsafe fuse_session_exit(session.raw)
    // The loop looks at the flag, then sleeps: a single interruption may come in between.
    while !isOver.load(ordering: .sequentiallyConsistent) {
      pthread_kill(waiting, signal)
      usleep(2000)
    }
  }
}
