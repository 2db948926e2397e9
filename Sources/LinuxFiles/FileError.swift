// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

/// A system call on a file that failed.
public struct FileError: Error, CustomStringConvertible {
  /// What was tried, as a verb: `open`, `link`.
  public let operation: String
  public let path: FilePath
  public let errno: Errno

  public init(_ operation: String, _ path: FilePath, _ errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }

  public var description: String { "cannot \(operation) '\(path)': \(errno)" }
}
