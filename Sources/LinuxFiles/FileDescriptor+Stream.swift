// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

extension FileDescriptor {
  /// Reads up to the end of what has no size of its own: a pipe, a file of `/proc`.
  ///
  /// - Parameter limit: bytes beyond it are dropped.
  func readToEnd(limit: Int, path: FilePath) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = try systemCall("read", path) {
        // Unsafe only as a C call: the buffer is live for its duration, and as large as is said.
        unsafe buffer.withUnsafeMutableBytes {
          unsafe Glibc.read(rawValue, $0.baseAddress, $0.count)
        }
      }
      if count == 0 { return bytes }
      bytes += buffer.prefix(min(count, limit - bytes.count))
    }
  }
}

extension FileSystemCalls {
  /// Where a symbolic link leads; `nil` where there is none, or it may not be read.
  static func target(of link: FilePath) -> FilePath? {
    var buffer = [CChar](repeating: 0, count: 4097)
    // Unsafe only as a C call: the array is live for its duration, and one byte is left for the end.
    let length = unsafe link.withC { unsafe readlink($0, &buffer, 4096) }
    guard length >= 0 else { return nil }
    let bytes = buffer.prefix(length).map(UInt8.init(bitPattern:))
    return FilePath(String(decoding: bytes, as: UTF8.self))
  }

  /// What a file of `/proc` holds now.
  static func stream(_ path: FilePath) throws(FileError) -> [UInt8] {
    let file = try open(path, .readOnly, options: [.closeOnExec])
    defer { try? file.close() }  // nothing was written through it
    return try file.readToEnd(limit: 1 << 26, path: path)
  }
}
