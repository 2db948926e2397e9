// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Signals that kill this process no more from when this is made, and are waited for instead.
///
/// To be made before other threads are: each inherits that the signals are not for it.
public struct AwaitedSignals: Sendable {
  private typealias Body = @Sendable (Int32) -> Void

  private let numbers: [Int32]

  /// - Parameter numbers: those of them that are ignored already, as nohup has it, stay so.
  public init(_ numbers: [Int32]) {
    self.numbers = numbers.filter { number in
      var current = sigaction()
      unsafe sigaction(number, nil, &current)
      // Unsafe only as a comparison of addresses: nothing is called.
      return unsafe Int(
        bitPattern: unsafeBitCast(
          current.__sigaction_handler.sa_handler, to: UnsafeRawPointer?.self)) != 1
    }
    var signals = Self.set(of: self.numbers)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Calls `body` with each signal that comes, on a thread of its own, until the process ends.
  ///
  /// What came before is not lost; what comes several times during one call counts once.
  public func onArrival(_ body: @escaping @Sendable (Int32) -> Void) {
    var thread = pthread_t()
    // Never given back, since the thread never ends.
    let context = unsafe Unmanaged.passRetained(Box(numbers: numbers, body: body)).toOpaque()
    let code = unsafe pthread_create(&thread, nil, Self.main, context)
    precondition(code == 0, "no memory for a thread")
    pthread_detach(thread)
  }

  private final class Box: Sendable {
    let numbers: [Int32]
    let body: Body

    init(numbers: [Int32], body: @escaping Body) {
      self.numbers = numbers
      self.body = body
    }
  }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    context in
    guard let context = unsafe context else { return nil }
    let box = unsafe Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
    var signals = AwaitedSignals.set(of: box.numbers)
    var signal: Int32 = 0
    while unsafe sigwait(&signals, &signal) == 0 { box.body(signal) }
    return nil
  }

  private static func set(of numbers: [Int32]) -> sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in numbers { unsafe sigaddset(&signals, number) }
    return signals
  }
}
