// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

extension FileSystemCalls {
  /// Opens a file for writing, lets `body` fill it, and closes it, telling what only closing tells. A symbolic link
  /// is refused.
  ///
  /// A file that `body` fails on is closed and stays where it is.
  public static func write<Result>(
    _ path: FilePath, options: FileDescriptor.OpenOptions,
    _ body: (FileDescriptor) throws -> Result
  ) throws -> Result {
    let file = try open(
      path, .readWrite, options: options.union([.noFollow, .closeOnExec]),
      permissions: FilePermissions(rawValue: 0o644))
    let result: Result
    do {
      result = try body(file)
    } catch {
      try? file.close()  // the first error is the one to tell
      throw error
    }
    // Never closed twice: by then another thread may have been given the number.
    try file.close(reporting: path)
    return result
  }
}
