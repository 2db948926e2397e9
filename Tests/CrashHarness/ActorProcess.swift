// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import LinuxFiles
import SystemPackage

/// An actor in a process of its own, which can be killed, stopped and continued.
package final class ActorProcess {
  package struct Outcome: Sendable {
    /// The operations that were acknowledged, in order, with the numbers of commits.
    package var acknowledged: [(operation: Operation, number: Int64)] = []
    /// How many of them, the last, were acknowledged while the power was being cut: a sync under way may be told as done then,
    /// since a journal that is aborted in between counts as committed. With real power nobody would hear of it.
    package var doubtful = 0
    /// The operation that had begun and was not acknowledged.
    package var inFlight: Operation?
    /// The code of the error that ended it.
    package var failure: String?
    package var message = ""
    package var wasKilled = false
    /// The steps at which it stopped or died.
    package var places: [String] = []
  }

  private let operations: [Operation]
  private let process: StartedProcess
  private let output: FilePath
  private let errors: FilePath

  /// - Parameters:
  ///   - name: which actor of the site it is; each has a working directory of its own.
  ///   - steps: what `CKPTFS_STEPS` asks for.
  ///   - tracer: a command that runs the actor, such as strace.
  package init(
    _ name: String, in site: Site, _ operations: [Operation], steps: String = "",
    tracer: [String] = []
  ) throws {
    self.operations = operations
    output = site.reports.appending("\(name).out")
    errors = site.reports.appending("\(name).err")
    let list = site.reports.appending("\(name).json")
    try JSONEncoder().encode(operations).write(to: URL(fileURLWithPath: list.string))
    let command =
      tracer + [Self.executable, site.root.string, site.work(of: name).string, list.string]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["CKPTFS_STEPS": steps]
    ) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(output)
    process.standardError = try Self.file(errors)
    self.process = try StartedProcess(process)
  }

  private static func file(_ path: FilePath) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path.string))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path.string))
  }

  private static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("CrashActor").path

  deinit {
    kill()
    process.wait()
  }

  /// In seconds: longer than anything waits for a lock.
  private static let patience = 90

  package func kill() { process.send(SIGKILL) }
  package func stop() { process.send(SIGSTOP) }
  package func resume() { process.send(SIGCONT) }

  /// Waits until it stopped itself, or ended.
  ///
  /// - Returns: whether it stopped.
  package func waitUntilStopped() throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(Self.patience)
    while true {
      if waitUntilEnded(for: .milliseconds(1)) { return false }
      if isStopped { return true }
      guard ContinuousClock.now < deadline else { throw Violation("P6", "the actor hangs") }
    }
  }

  /// Waits until it stopped itself, or ended, or that time is over.
  func waitUntilStoppedOrEnded(for time: Duration) {
    let deadline = ContinuousClock.now + time
    while !waitUntilEnded(for: .milliseconds(1)), !isStopped, ContinuousClock.now < deadline {}
  }

  private var isStopped: Bool {
    let status = try? String(
      contentsOfFile: "/proc/\(process.id)/stat", encoding: .utf8)
    guard let status, let end = status.lastIndex(of: ")") else { return false }
    return status[end...].dropFirst(2).first == "T"
  }

  /// - Returns: whether it ended within that time.
  func waitUntilEnded(for time: DispatchTimeInterval) -> Bool {
    process.wait(for: time)
  }

  package func wait() throws -> Outcome {
    guard waitUntilEnded(for: .seconds(Self.patience)) else {
      throw Violation("P6", "the actor does not come to an end")
    }
    var outcome = Outcome()
    outcome.wasKilled = process.wasKilled
    outcome.places = try lines(errors)
    for line in try lines(output) {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      guard words.count >= 2, let index = Int(words[1]) else { continue }
      switch words[0] {
      case "begin": outcome.inFlight = operations[index]
      case "done":
        outcome.inFlight = nil
        outcome.acknowledged.append((operations[index], Int64(words[2]) ?? 0))
      default: (outcome.failure, outcome.message) = (words[2], words.last ?? "")
      }
    }
    if !outcome.wasKilled, process.status != (outcome.failure == nil ? 0 : 1) {
      throw Violation(
        "P6",
        "the actor crashed with \(process.status): \(outcome.places.joined(separator: "; "))"
      )
    }
    return outcome
  }

  /// How many operations were acknowledged so far.
  func acknowledgements() throws -> Int {
    try lines(output).count { $0.hasPrefix("done ") }
  }

  /// The steps at which it stopped so far.
  func places() throws -> [String] { try lines(errors) }

  private func lines(_ path: FilePath) throws -> [String] {
    try String(contentsOfFile: path.string, encoding: .utf8).split(separator: "\n").map(String.init)
  }
}
