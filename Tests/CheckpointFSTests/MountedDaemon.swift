// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SystemPackage
import TestSupport

/// The test daemon, mounted in a directory of its own.
final class MountedDaemon {
  typealias Failure = CommandedProgram.Failure

  /// Holds the mount point and whatever a test copies.
  let directory: String
  private let program: CommandedProgram

  var mountPoint: String { directory + "/mnt" }
  /// What was logged until now.
  var log: [String] { program.log }

  init(options: String, isWatched: Bool) throws {
    directory = "/tmp/ckptfs-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory + "/mnt", withIntermediateDirectories: true)
    program = try CommandedProgram([
      "CheckpointFSTestDaemon", directory + "/mnt", options, isWatched ? "watched" : "unwatched",
    ])
    do {
      try program.expect("ready")
    } catch {
      close()
      throw error
    }
  }

  /// Has the source changed; done on return.
  func command(_ line: String) throws {
    try program.send(line)
    try program.expect("done")
  }

  /// Ends the process without any goodbye, so that a dead mount is left.
  func kill() throws { _ = try program.end(by: SIGKILL) }

  /// Leaves nothing mounted and no process behind, whatever happened before.
  func close() {
    program.close()
    // Fails where nothing is mounted any more, which is how it should be.
    _ = try? Tool.run(["fusermount3", "-uz", mountPoint])
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Runs a line of shell in the mount point, with `$OUT` an empty directory, and returns what it says.
  func shell(_ line: String) throws -> String {
    let out = directory + "/out"
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    let script = "exec 2>&1; set -e; OUT=\(out); cd \(mountPoint); \(line)"
    let result = try Tool.run(["timeout", "60", "bash", "-c", script])
    guard result.status == 0 else { throw Failure("'\(line)' ended with \(result)") }
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
