// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import Logging
import SystemPackage

/// A mount's process in the background.
///
/// It is this program started anew, since a process with threads cannot go on after fork(2). Until the
/// mount can be used, both its outputs are a pipe to whoever started it.
enum MountDaemon {
  private static let readiness = "ready\n"

  /// Starts the process, and waits until its mount can be used.
  ///
  /// - Throws: ``EarlyEnd`` with its status when it ended instead; what it said is on standard error by then.
  static func start(_ arguments: [String]) throws {
    let process = try ChildProcess(program(), arguments: arguments, .detached)
    let said = String(decoding: try process.readOutput(), as: UTF8.self)
    if said.hasSuffix(readiness) { return }
    let code = try process.waitForEnd()
    guard !said.isEmpty else {
      throw Failure(
        .failed, "failed",
        "the process of the mount ended with status \(code) and said nothing; 'ckptfs mount -f' may show why"
      )
    }
    ErrorOutput.write(said)
    throw EarlyEnd(status: ExitStatus(rawValue: code) ?? .failed)
  }

  /// Tells whoever started this process that the mount can be used, and lets go of it and its terminal.
  ///
  /// Not before: while an automount waits for this very mount, only processes of the group that systemd started
  /// may pass the mount point. All others wait with it.
  static func announce(_ logger: Logger) {
    do {
      try FileDescriptor.standardOutput.writeAll(readiness.utf8)
      ProcessSession.begin()
      try StandardStreams.detach()
    } catch {
      logger.warning("cannot let go of whoever started the mount: \(error)")
    }
  }

  /// By name where possible, so that process listings show it.
  private static func program() -> FilePath {
    let link: FilePath = "/proc/self/exe"
    guard let program = try? FileSystemCalls.resolve(link) else { return link }
    return program
  }
}
