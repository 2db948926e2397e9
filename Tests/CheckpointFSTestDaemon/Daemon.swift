// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import Fuse
import Glibc
import Logging
import SystemPackage
import TestSupport

/// Mounts a ``Scenario`` until it is unmounted, and changes it as commands on standard input say.
///
/// Usage: `CheckpointFSTestDaemon MOUNTPOINT OPTIONS watched|unwatched`. It answers in lines on standard output; it
/// ends when standard input does, so that no mount outlives its test.
enum Daemon {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else { fail("usage: MOUNTPOINT OPTIONS watched|unwatched") }
    do {
      try serve(
        try Scenario(isWatchable: arguments[3] == "watched"), at: FilePath(arguments[1]),
        options: arguments[2])
    } catch {
      fail("\(error)")
    }
  }

  private static func serve(
    _ scenario: Scenario, at path: FilePath, options list: String
  ) throws {
    let options = try MountOptions(list)
    let facts = MountFacts(
      version: "test", processID: getpid(), mountPoint: path.string, mounted: Scenario.time(0),
      owner: Ownership(user: getuid(), group: getgid()), openFileLimit: 1024)
    let fileSystem = CheckpointFileSystem(
      source: scenario.source, options: options, facts: facts,
      logger: Logger(label: "test") { _ in LineLogHandler() })
    var session = try Session(
      fileSystem: fileSystem,
      mountOptions: options.libfuseOptions(source: scenario.source.name)
    ) { _, message in say("log libfuse: \(message)") }
    try session.mount(at: path)
    Task.detached { obey(scenario) }
    _ = try session.run(threads: 4) { say("ready") }
  }

  private static func obey(_ scenario: Scenario) {
    while let line = readLine() {
      do {
        try scenario.obey(line.split(separator: " ").map(String.init))
        say("done")
      } catch {
        say("failed \(error)")
      }
    }
    kill(getpid(), SIGTERM)
  }

  static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    unsafe bytes.withUnsafeBytes { _ = unsafe write(1, $0.baseAddress, $0.count) }
  }

  private static func fail(_ message: String) -> Never {
    say("error \(message)")
    exit(1)
  }
}
