// SPDX-License-Identifier: Apache-2.0

import SystemPackage

/// Standard input, output and error of this process.
public enum StandardStreams {
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
