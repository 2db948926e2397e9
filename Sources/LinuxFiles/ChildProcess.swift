// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// A program that was started, with its standard output and standard error as one pipe.
public struct ChildProcess: ~Copyable {
  public enum Surroundings: Sendable {
    /// The caller's directory and files.
    case inherited
    /// In `/`, with none of the caller's files: it may outlive the caller, and keeps nothing of it busy.
    case detached
  }

  public let processID: Int32
  private let path: FilePath
  private let output: FileDescriptor

  /// Starts `program`, which is looked for in `$PATH` unless it has a slash. Its standard input is empty.
  public init(
    _ program: FilePath, arguments: [String], _ surroundings: Surroundings
  ) throws(FileError) {
    let pipe: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
    do throws(Errno) {
      pipe = try FileDescriptor.pipe(options: .closeOnExec)
    } catch {
      throw FileError("start", program, error)
    }
    defer { try? pipe.writeEnd.close() }  // the child has its own
    let started: Int32
    do throws(FileError) {
      started = try systemCall("start", program) {
        Self.spawn(program, arguments, surroundings, output: pipe.writeEnd)
      }
    } catch {
      try? pipe.readEnd.close()  // the first error is the one to tell
      throw error
    }
    processID = started
    path = program
    output = pipe.readEnd
  }

  /// Reads until the child, and all it gave its output to, closed it.
  public func readOutput(limit: Int = 65_536) throws(FileError) -> [UInt8] {
    try output.readToEnd(limit: limit, path: path)
  }

  /// Waits for the end.
  ///
  /// - Returns: the exit code, or 128 and the number of the signal that killed it, as shells have it.
  public func waitForEnd() throws(FileError) -> Int32 {
    var status: Int32 = 0
    try systemCall("wait for", path) {
      // Unsafe only as a C call: the pointer is to a local for its duration.
      unsafe waitpid(processID, &status, 0)
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  deinit {
    try? output.close()  // nothing was written through it
  }

  private static func spawn(
    _ program: FilePath, _ arguments: [String], _ surroundings: Surroundings,
    output: FileDescriptor
  ) -> Int32 {
    // Unsafe as C wants it: pointers to copies that live until the call has returned.
    var argv = unsafe ([program.string] + arguments).map { unsafe strdup($0) } + [nil]
    defer {
      for index in unsafe argv.indices { unsafe free(argv[index]) }
    }
    let isDetached = surroundings == .detached
    return unsafe program.withPlatformString { path in
      unsafe linux_spawn(path, &argv, isDetached ? "/" : nil, output.rawValue, isDetached ? 1 : 0)
    }
  }
}
