// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// A directory opened by opendir(3).
@safe struct DirectoryListing: ~Copyable {
  struct Entry: Hashable {
    var name: [UInt8]
    var node: UInt64
    var type: UInt8
    /// What telldir(3) says after the entry.
    var position: Int
  }

  private let stream: OpaquePointer

  init(_ path: FilePath) throws {
    guard let stream = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
      throw Errno(rawValue: errno)
    }
    unsafe self.stream = stream
  }

  deinit {
    unsafe closedir(stream)
  }

  func next() throws -> Entry? {
    errno = 0
    guard let entry = unsafe readdir(stream) else {
      guard errno == 0 else { throw Errno(rawValue: errno) }
      return nil
    }
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe Array(bytes.prefix { $0 != 0 })
    }
    return unsafe Entry(
      name: name, node: UInt64(entry.pointee.d_ino), type: entry.pointee.d_type,
      position: telldir(stream))
  }

  func seek(to position: Int) {
    unsafe seekdir(stream, position)
  }

  /// The entries from here to the end.
  func rest() throws -> [Entry] {
    var entries: [Entry] = []
    while let entry = try next() { entries.append(entry) }
    return entries
  }

  static func names(in path: FilePath) throws -> [String] {
    try DirectoryListing(path).rest().map { String(decoding: $0.name, as: UTF8.self) }
  }
}
