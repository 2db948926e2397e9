// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage

/// A test daemon in a process of its own, mounted in a directory of its own.
///
/// In another process because one that touches its own mount can hang beyond SIGKILL.
final class MountedDaemon {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let directory: FilePath
  let bigContent = MountedDaemon.content
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let ended = DispatchSemaphore(value: 0)
  private var pending: [UInt8] = []
  /// What libfuse logged until now, in the daemon's lines.
  private(set) var log: [String] = []

  var mountPoint: FilePath { directory.appending("mnt") }
  var processID: pid_t { process.processIdentifier }

  /// Starts a daemon and returns when it says that its mount is ready.
  init(
    options: [String], offersExtendedAttributes: Bool, transfer: String, prefix: [String] = []
  ) throws {
    directory = FilePath(
      FileManager.default.temporaryDirectory.appendingPathComponent("fuse-\(UUID())").path)
    try FileManager.default.createDirectory(
      atPath: mountPoint.string, withIntermediateDirectories: true)
    let bigFile = directory.appending("big")
    try Data(bigContent).write(to: URL(fileURLWithPath: bigFile.string))
    try start(
      [
        mountPoint.string, bigFile.string, offersExtendedAttributes ? "xattr" : "plain",
        transfer,
      ] + options, prefix: prefix)
    do {
      let line = try nextLine()
      guard line == "ready" else { throw Failure(description: "not ready: \(line)") }
    } catch {
      close()
      throw error
    }
  }

  private func start(_ arguments: [String], prefix: [String]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = prefix + [Self.executable.path] + arguments
    process.standardInput = input
    process.standardOutput = output
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    try output.fileHandleForWriting.close()
    try input.fileHandleForReading.close()
  }

  /// Sends a command and returns the line that answers it.
  func command(_ line: String) throws -> String {
    try send(line)
    return try nextLine()
  }

  func send(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  /// How many handles are open, and how many reads and lookups the file system has seen.
  func counts() throws -> (openHandles: Int, reads: Int, lookups: Int) {
    let words = try command("counts").split(separator: " ").compactMap { Int($0) }
    guard words.count == 3 else { throw Failure(description: "no counts") }
    return (words[0], words[1], words[2])
  }

  /// The next line that is not libfuse's.
  func nextLine() throws -> String {
    while true {
      let line = try nextRawLine()
      guard line.hasPrefix("log ") else { return line }
      log.append(line)
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

  /// Sends a signal and returns the exit status, negative for a death by signal.
  func end(by signal: Int32) throws -> Int32 {
    kill(process.processIdentifier, signal)
    return try waitForEnd()
  }

  func waitForEnd() throws -> Int32 {
    guard ended.wait(timeout: .now() + 20) == .success else {
      throw Failure(description: "the daemon does not end")
    }
    ended.signal()
    return process.terminationReason == .exit
      ? process.terminationStatus : -process.terminationStatus
  }

  /// Leaves nothing mounted and no process behind, whatever happened before.
  func close() {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    _ = try? waitForEnd()
    if isMounted { _ = try? Self.run("fusermount3", "-uz", mountPoint.string) }
    try? FileManager.default.removeItem(atPath: directory.string)
  }

  var isMounted: Bool {
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
    return mounts.contains(" \(mountPoint) ")
  }
}

extension MountedDaemon {
  /// 3 MB and a bit, of which no two pages are equal.
  private static let content: [UInt8] = (0..<3_200_001).map { index in
    UInt8(truncatingIfNeeded: (index &* 0x9e37_79b9_7f4a_7c15) >> 32)
  }

  static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("FuseTestDaemon")

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
    process.arguments = [tool] + arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}

/// Runs `body` with a mounted daemon, of which nothing is left afterwards.
func withMountedDaemon<Result>(
  options: [String] = ["ro", "default_permissions"], offersExtendedAttributes: Bool = false,
  transfer: String = "copy", prefix: [String] = [], _ body: (MountedDaemon) throws -> Result
) throws -> Result {
  let daemon = try MountedDaemon(
    options: options, offersExtendedAttributes: offersExtendedAttributes, transfer: transfer,
    prefix: prefix)
  defer { daemon.close() }
  return try body(daemon)
}

/// Waits until `condition` holds, and says whether it ever did.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < deadline {
    if try condition() { return true }
    sched_yield()
  }
  return false
}
