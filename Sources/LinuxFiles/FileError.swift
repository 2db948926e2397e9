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

  /// Whether it tells something of the file, and not only that this process or the machine lacks what the call takes.
  public var concernsFile: Bool {
    switch errno {
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .interrupted, .canceled: false
    default: true
    }
  }

  /// Whether this process may not, while another, such as root's, may.
  public var concernsCaller: Bool { errno == .permissionDenied }

  public var description: String { "cannot \(operation) '\(path)': \(errno)" }
}
