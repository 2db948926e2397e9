// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import LinuxFiles
import SystemPackage
import TestSupport

/// A mount of a bench's store in the background; nothing of it is left when this is gone.
final class Mount {
  let point: FilePath
  private let bench: Workbench
  private var isMounted = true

  /// Whether a mount that demands passthrough comes about.
  static let allowsPassthrough: Bool = {
    do {
      let bench = try Workbench()
      try bench.withMount(options: "passthrough=on") { _ in }
      return true
    } catch {
      return false
    }
  }()

  init(_ bench: Workbench, options: String? = nil) throws {
    self.bench = bench
    point = bench("mnt-\(UInt32.random(in: .min ... .max))")
    try FileSystemCalls.makeDirectory(point)
    var arguments = ["ckptfs", "mount", bench.store.string, point.string]
    if let options { arguments += ["-o", options] }
    let outcome = try Tool.run(arguments)
    guard outcome.status == 0 else {
      throw UnexpectedEnd(command: arguments.joined(separator: " "), outcome: outcome)
    }
  }

  func callAsFunction(_ path: String) -> FilePath { point.appending(path) }

  /// Takes it away as everybody does.
  func unmount() throws {
    try bench.ckptfs("umount", point.string)
    isMounted = false
    try FileSystemCalls.removeDirectory(point)
  }

  /// Runs lines of shell, where `$MNT` is the mount point.
  @discardableResult
  func shell(_ lines: String, as user: User = .tester, _ more: [String: String] = [:]) throws
    -> String
  {
    try bench.shell(lines, as: user, more.merging(["MNT": point.string]) { _, new in new })
  }

  func attempt(_ lines: String, as user: User = .tester) throws -> Outcome {
    try bench.attempt(lines, as: user, ["MNT": point.string])
  }

  deinit {
    guard isMounted else { return }
    // Where the mount is gone already nothing is left to do.
    _ = try? Tool.run(["fusermount3", "-uz", point.string])
  }
}

/// A mount in the foreground, whose log can be read.
final class WatchedMount {
  let point: FilePath
  private let process: Process
  private let errors: AnonymousFile

  init(_ bench: Workbench, options: String? = nil) throws {
    point = bench("mnt-\(UInt32.random(in: .min ... .max))")
    try FileSystemCalls.makeDirectory(point)
    errors = try AnonymousFile()
    let arguments = ["ckptfs", "mount", "-f", bench.store.string, point.string]
    process = Tool.process(arguments + (options.map { ["-o", $0] } ?? []), [:])
    let output = Pipe()
    process.standardOutput = output
    process.standardError = errors.handle
    try process.start()
    // One line says that the mount is there; the end of the output, that it will never be.
    guard !output.fileHandleForReading.availableData.isEmpty else {
      process.waitUntilExit()
      let outcome = Outcome(
        status: process.terminationStatus, output: "", errors: try errors.text)
      throw UnexpectedEnd(command: "ckptfs mount -f", outcome: outcome)
    }
  }

  func callAsFunction(_ path: String) -> FilePath { point.appending(path) }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// The lines of the log.
  func log() throws -> [String] { try errors.text.split(separator: "\n").map(String.init) }

  /// The lines of the log about files that cannot be read.
  func faults() throws -> [String] {
    try log().filter { $0.contains(" error ") }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    // Where the mount is gone already nothing is left to do.
    _ = try? Tool.run(["fusermount3", "-uz", point.string])
  }
}
