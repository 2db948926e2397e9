// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SystemPackage
import TestSupport

/// A test daemon, mounted in a directory of its own.
final class MountedDaemon {
  typealias Failure = CommandedProgram.Failure

  let directory: FilePath
  let bigContent = MountedDaemon.content
  private let program: CommandedProgram

  var mountPoint: FilePath { directory.appending("mnt") }
  /// What libfuse logged until now.
  var log: [String] { program.log }

  /// Starts a daemon and returns when it says that its mount is ready.
  init(
    options: [String], offersExtendedAttributes: Bool, transfer: String, prefix: [String] = []
  ) throws {
    directory = FilePath(
      FileManager.default.temporaryDirectory.appendingPathComponent("fuse-\(UUID())").path)
    let mountPoint = directory.appending("mnt")
    try FileManager.default.createDirectory(
      atPath: mountPoint.string, withIntermediateDirectories: true)
    let bigFile = directory.appending("big")
    try Data(bigContent).write(to: URL(fileURLWithPath: bigFile.string))
    program = try CommandedProgram(
      prefix
        + [
          Self.name, mountPoint.string, bigFile.string,
          offersExtendedAttributes ? "xattr" : "plain", transfer,
        ] + options)
    do {
      try program.expect("ready")
    } catch {
      close()
      throw error
    }
  }

  /// Sends a command and returns the line that answers it.
  func command(_ line: String) throws -> String {
    try send(line)
    return try nextLine()
  }

  func send(_ line: String) throws { try program.send(line) }

  /// The next line that is not libfuse's.
  func nextLine() throws -> String { try program.nextLine() }

  /// How many handles are open, and how many reads and lookups the file system has seen.
  func counts() throws -> (openHandles: Int, reads: Int, lookups: Int) {
    let words = try command("counts").split(separator: " ").compactMap { Int($0) }
    guard words.count == 3 else { throw Failure("no counts") }
    return (words[0], words[1], words[2])
  }

  /// Sends a signal and returns the exit status, negative for a death by signal.
  func end(by signal: Int32) throws -> Int32 { try program.end(by: signal) }

  func waitForEnd() throws -> Int32 { try program.waitForEnd() }

  /// Leaves nothing mounted and no process behind, whatever happened before.
  func close() {
    program.close()
    if isMounted { _ = try? Tool.run(["fusermount3", "-uz", mountPoint.string]) }
    try? FileManager.default.removeItem(atPath: directory.string)
  }

  var isMounted: Bool {
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
    return mounts.contains(" \(mountPoint) ")
  }
}

extension MountedDaemon {
  static let name = "FuseTestDaemon"

  /// 3 MB and a bit, of which no two pages are equal.
  private static let content: [UInt8] = (0..<3_200_001).map { index in
    UInt8(truncatingIfNeeded: (index &* 0x9e37_79b9_7f4a_7c15) >> 32)
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
