// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// A directory opened by opendir(3).
@safe struct DirectoryStream: ~Copyable {
  private let stream: OpaquePointer

  init(_ path: FilePath) throws {
    guard let stream = unsafe opendir(path.string) else { throw Errno(rawValue: errno) }
    unsafe self.stream = stream
  }

  deinit { unsafe closedir(stream) }

  /// What telldir(3) says here.
  var position: Int { unsafe telldir(stream) }

  func seek(to position: Int) { unsafe seekdir(stream, position) }

  func next() -> [UInt8]? {
    guard let entry = unsafe readdir(stream) else { return nil }
    return unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
  }

  /// The names from here to the end.
  func rest() -> [[UInt8]] {
    var names: [[UInt8]] = []
    while let name = next() { names.append(name) }
    return names
  }
}
