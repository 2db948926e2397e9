// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization

/// Where libfuse's messages go. libfuse has one for the whole process, hence no instances.
enum LogSink {
  typealias Receiver = @Sendable (LogLevel, String) -> Void

  private struct State {
    var receiver: Receiver?
    /// Messages held back for an error that is about to be thrown.
    var held: [String]?
  }

  private static let state = Mutex(State())

  /// Sends all messages to `receiver`; with nil, to standard error, as libfuse does by itself.
  static func install(_ receiver: Receiver?) {
    state.withLock { $0.receiver = receiver }
    setFunction()
  }

  private static func setFunction() {
    guard state.withLock({ $0.receiver != nil || $0.held != nil }) else {
      fuse_set_log_func(nil)
      return
    }
    unsafe fuse_set_log_func { level, format, arguments in
      guard let format = unsafe format, let arguments = unsafe arguments else { return }
      unsafe LogSink.receive(level, format, arguments)
    }
  }

  /// The messages of `body` in one line, instead of sending them to the receiver.
  static func holdingMessages<Value>(of body: () -> Value) -> (value: Value, messages: String) {
    state.withLock { $0.held = [] }
    setFunction()
    let value = body()
    let messages = state.withLock { $0.held.take() ?? [] }
    setFunction()
    return (value, messages.joined(separator: "; "))
  }

  private static func receive(
    _ level: fuse_log_level, _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
  ) {
    let capacity = 1024
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) {
      unsafe $0.initialize(repeating: 0)
      unsafe vsnprintf($0.baseAddress!, capacity, format, arguments)
      return unsafe String(cString: $0.baseAddress!)
    }
    deliver(LogLevel(rawValue: level.rawValue) ?? .error, oneLine(text))
  }

  private static func deliver(_ level: LogLevel, _ message: String) {
    let receiver = state.withLock { state -> Receiver? in
      guard state.held == nil else {
        state.held?.append(message)
        return nil
      }
      return state.receiver
    }
    receiver?(level, message)
  }

  /// libfuse ends messages with a newline, and begins some with its own name.
  private static func oneLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.hasPrefix("fuse: ") ? String(line.dropFirst(6)) : line
  }
}
