// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// Standard input, output and error of this process.
public enum StandardStreams {
  /// Puts /dev/null in the place of those that are closed: the next file to be opened would get it, and what is
  /// meant for a reader would be written into that file.
  ///
  /// To be called before any file is opened. Writing to an output that was closed fails, as it would without this;
  /// to an error that was closed, it does not.
  public static func occupyClosed() throws(FileError) {
    let modes: [FileDescriptor.AccessMode] = [.readOnly, .readOnly, .writeOnly]
    for (stream, mode) in zip([STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO], modes)
    where fcntl(stream, F_GETFD) == -1 {
      // The lowest number that is free is this one's.
      _ = try FileSystemCalls.open("/dev/null", mode, options: [])
    }
  }

  /// Lets go of what they were: whoever reads them finds their end.
  public static func detach() throws(FileError) {
    let null: FilePath = "/dev/null"
    let file = try FileSystemCalls.open(null, .readWrite, options: [.closeOnExec])
    defer { try? file.close() }  // nothing is written through it
    for stream in [FileDescriptor.standardInput, .standardOutput, .standardError] {
      do {
        _ = try file.duplicate(as: stream)
      } catch {
        throw FileError("detach from", null, error as? Errno ?? .ioError)
      }
    }
  }
}
