// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A program that was built with this test, in a process of its own, told and answering in lines.
///
/// For what mounts: a process that touches its own mount can hang beyond SIGKILL.
package final class CommandedProgram {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
  }

  private let process: Process
  private let input = Pipe()
  private let output = Pipe()
  private let ended = DispatchSemaphore(value: 0)
  private var pending: [UInt8] = []
  /// What it said until now in lines that begin with `log`.
  package private(set) var log: [String] = []

  /// Starts the program that `command` names, or that runs in the end.
  package init(_ command: [String]) throws {
    process = Tool.process(command)
    process.standardInput = input
    process.standardOutput = output
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    try process.start()
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
  }

  package func send(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Waits for the next line that is none of the log.
  package func nextLine() throws -> String {
    while true {
      let line = try nextRawLine()
      guard line.hasPrefix("log ") else { return line }
      log.append(String(line.dropFirst(4)))
    }
  }

  package func expect(_ expected: String) throws {
    let line = try nextLine()
    guard line == expected else {
      throw Failure("the program says '\(line)' instead of '\(expected)'")
    }
  }

  private func nextRawLine() throws -> String {
    let descriptor = output.fileHandleForReading.fileDescriptor
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending.removeSubrange(...end) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 100) > 0 else { continue }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(descriptor, &chunk, chunk.count)
      guard count > 0 else { throw Failure("the program closed its output") }
      pending += chunk[..<count]
    }
    throw Failure("the program says nothing")
  }

  /// Sends a signal and returns the exit status, negative for a death by signal.
  package func end(by signal: Int32) throws -> Int32 {
    kill(process.processIdentifier, signal)
    return try waitForEnd(atMost: 20)
  }

  package func waitForEnd(atMost seconds: Double = 20) throws -> Int32 {
    guard ended.wait(timeout: .now() + seconds) == .success else {
      throw Failure("the program does not end")
    }
    ended.signal()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }

  /// Leaves no process behind; one that does not end when told so is killed.
  package func close() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGTERM)
    guard (try? waitForEnd(atMost: 5)) == nil else { return }
    kill(process.processIdentifier, SIGKILL)
    // Nothing more can be done about a process that outlives this.
    _ = try? waitForEnd(atMost: 5)
  }
}
