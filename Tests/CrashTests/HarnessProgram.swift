// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The harness in a process of its own, which may be run in mounts of its own or with faults, and dies alone.
enum HarnessProgram {
  static func run(
    _ arguments: [String], faults: String = "", input: String = "", inOwnMounts: Bool = false
  ) throws -> (status: Int32, said: String) {
    let process = Process()
    let (asked, said) = (Pipe(), Pipe())
    // What is mounted beside it would stay mounted there after its end, and whoever waits for that would wait, too.
    let separation =
      inOwnMounts
      ? [
        "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
        "umount --all --lazy --types fuse.ckptfs; exec \"$@\"", "sh",
      ] : []
    let command = separation + [path] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(["CKPTFS_STEPS": faults]) {
      $1
    }
    process.standardInput = asked
    process.standardOutput = said
    try process.run()
    try asked.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try asked.fileHandleForWriting.close()
    let text = try said.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  private static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("CrashRunner").path
}
