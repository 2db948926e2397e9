// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

extension FilePath {
  /// The node's own status, not that of a link's target.
  func status() throws -> Stat {
    try stat(followTargetSymlink: false)
  }

  /// The error of a system call on this path, if it fails.
  func error(of call: (String) -> Int32) -> Errno? {
    call(string) == -1 ? Errno(rawValue: errno) : nil
  }
}

/// Bytes of a file, read by one pread(2).
func read(
  _ descriptor: FileDescriptor, at offset: Int64, count: Int
) throws -> [UInt8] {
  unsafe try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = try unsafe descriptor.read(
      fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
  }
}
