// SPDX-License-Identifier: Apache-2.0

import Glibc
public import SystemPackage

/// The names in a directory, as bytes and unsorted, without "." and "..".
public enum DirectoryListing {
  public static func names(in path: FilePath) throws(FileError) -> [[UInt8]] {
    var names: [[UInt8]] = []
    try forEachName(in: path) { names.append($0) }
    return names
  }

  /// Of the names in a directory those that it does not tell to be directories, without a look at what they name: on a file
  /// system that tells nothing, all.
  public static func namesOfOthers(
    thanDirectoriesIn path: FilePath
  ) throws(FileError) -> [[UInt8]] {
    var names: [[UInt8]] = []
    try forEachEntry(in: path) { name, isDirectory in if !isDirectory { names.append(name) } }
    return names
  }

  /// Calls `body` with each name, so that a huge directory needs no memory for all of them.
  public static func forEachName(
    in path: FilePath, _ body: ([UInt8]) -> Void
  ) throws(FileError) {
    try forEachEntry(in: path) { name, _ in body(name) }
  }

  private static func forEachEntry(
    in path: FilePath, _ body: (_ name: [UInt8], _ isDirectory: Bool) -> Void
  ) throws(FileError) {
    let stream = try unsafe open(path)
    defer { unsafe closedir(stream) }
    try unsafe forEachEntry(in: stream, path, body)
  }

  private static func open(_ path: FilePath) throws(FileError) -> OpaquePointer {
    while true {
      if let stream = unsafe path.withC({ unsafe opendir($0) }) { return unsafe stream }
      if errno != EINTR { throw FileError("list", path, Errno(rawValue: errno)) }
    }
  }

  static func forEachName(
    in stream: OpaquePointer, _ path: FilePath, _ body: ([UInt8]) -> Void
  ) throws(FileError) {
    try unsafe forEachEntry(in: stream, path) { name, _ in body(name) }
  }

  private static func forEachEntry(
    in stream: OpaquePointer, _ path: FilePath,
    _ body: (_ name: [UInt8], _ isDirectory: Bool) -> Void
  ) throws(FileError) {
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw FileError("list", path, Errno(rawValue: errno)) }
        return
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe Array(bytes.prefix { $0 != 0 })
      }
      guard name != [UInt8(ascii: ".")], name != Array("..".utf8) else { continue }
      body(name, unsafe Int(entry.pointee.d_type) == DT_DIR)
    }
  }
}
