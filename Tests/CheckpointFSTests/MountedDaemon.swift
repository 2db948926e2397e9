// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SystemPackage

/// The test daemon in a process of its own, mounted in a directory of its own.
///
/// In another process because one that touches its own mount can hang beyond SIGKILL.
final class MountedDaemon {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Holds the mount point and whatever a test copies.
  let directory: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let ended = DispatchSemaphore(value: 0)
  private var pending: [UInt8] = []
  /// What was logged until now.
  private(set) var log: [String] = []

  var mountPoint: String { directory + "/mnt" }

  init(options: String, isWatched: Bool) throws {
    directory = "/tmp/ckptfs-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory + "/mnt", withIntermediateDirectories: true)
    do {
      try start([mountPoint, options, isWatched ? "watched" : "unwatched"])
      try expectLine("ready")
    } catch {
      close()
      throw error
    }
  }

  private func start(_ arguments: [String]) throws {
    process.executableURL = Self.executable
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
  }

  /// Has the source changed; done on return.
  func command(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    try expectLine("done")
  }

  private func expectLine(_ expected: String) throws {
    let line = try nextLine()
    guard line == expected else {
      throw Failure(description: "the daemon says '\(line)' instead of '\(expected)'")
    }
  }

  private func nextLine() throws -> String {
    while true {
      let line = try nextRawLine()
      guard line.hasPrefix("log ") else { return line }
      log.append(String(line.dropFirst(4)))
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
      guard count > 0 else { throw Failure(description: "the daemon closed its output") }
      pending += chunk[..<count]
    }
    throw Failure(description: "the daemon says nothing")
  }

  /// Ends the process without any goodbye, so that a dead mount is left.
  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    ended.wait()
    ended.signal()
  }

  /// Leaves nothing mounted and no process behind, whatever happened before.
  func close() {
    if process.isRunning {
      Glibc.kill(process.processIdentifier, SIGTERM)
      if ended.wait(timeout: .now() + 5) == .timedOut {
        Glibc.kill(process.processIdentifier, SIGKILL)
        _ = ended.wait(timeout: .now() + 5)
      }
    }
    // Fails where nothing is mounted any more, which is how it should be.
    _ = try? Self.run("fusermount3", "-uz", mountPoint)
    try? FileManager.default.removeItem(atPath: directory)
  }
}

extension MountedDaemon {
  static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("CheckpointFSTestDaemon")

  /// Whether file systems can be mounted here at all.
  static let canMount: Bool = {
    let descriptor = unsafe Glibc.open("/dev/fuse", O_RDWR)
    guard descriptor >= 0 else { return false }
    Glibc.close(descriptor)
    return true
  }()

  /// Runs a tool to its end.
  static func run(_ tool: String, _ arguments: String...) throws -> (status: Int32, output: String)
  {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["LC_ALL=C", tool] + arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  /// Runs a line of shell in the mount point, with `$OUT` an empty directory, and returns what it says.
  func shell(_ line: String) throws -> String {
    let out = directory + "/out"
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let script = "set -e; OUT=\(out); cd \(mountPoint); \(line)"
    let result = try Self.run("timeout", "60", "bash", "-c", script)
    guard result.status == 0 else {
      throw Failure(description: "'\(line)' ended with \(result.status): \(result.output)")
    }
    return result.output.trimmingCharacters(in: .newlines)
  }
}

/// Runs `body` with a mounted daemon, of which nothing is left afterwards.
func withMountedDaemon(
  options: String = "", isWatched: Bool = true, _ body: (MountedDaemon) throws -> Void
) throws {
  let daemon = try MountedDaemon(options: options, isWatched: isWatched)
  defer { daemon.close() }
  try body(daemon)
}

/// How long it took until `condition` held, or `nil` if it never did.
func time(until condition: () throws -> Bool) rethrows -> Duration? {
  let start = ContinuousClock.now
  while ContinuousClock.now < start + .seconds(10) {
    if try condition() { return ContinuousClock.now - start }
    sched_yield()
  }
  return nil
}
