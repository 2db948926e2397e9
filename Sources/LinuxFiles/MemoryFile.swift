// SPDX-License-Identifier: Apache-2.0

import CLinux
public import SystemPackage

/// A file without a name that takes no room on any disk.
public enum MemoryFile {
  /// Makes one that holds `bytes`.
  ///
  /// - Parameter name: for `/proc` only.
  /// - Returns: a descriptor that the caller closes.
  public static func holding(
    _ bytes: [UInt8], name: FilePath
  ) throws(FileError) -> FileDescriptor {
    let number = try systemCall("create", name) {
      unsafe name.withC { unsafe linux_memory_file($0) }
    }
    let file = FileDescriptor(rawValue: number)
    do throws(FileError) {
      try file.write(all: bytes[...], path: name)
    } catch {
      try? file.close()
      throw error
    }
    return file
  }
}
