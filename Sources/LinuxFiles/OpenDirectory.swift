// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// A directory that is held open: names are looked up in it, whatever its path leads to by then.
///
/// The file system it is on cannot be unmounted meanwhile, but for lazily.
public final class OpenDirectory: Sendable {
  /// Where it was found.
  public let path: FilePath
  let descriptor: FileDescriptor

  /// Opens the directory at `path`; a symbolic link there is refused, as not being one.
  public convenience init(_ path: FilePath) throws(FileError) {
    try self.init(FileLocation(path))
  }

  public init(_ location: FileLocation) throws(FileError) {
    path = location.path
    descriptor = try location.open(.readOnly, options: [.directory])
  }

  deinit {
    try? descriptor.close()  // nothing was written through it
  }

  /// Where `path` is below this directory.
  ///
  /// - Precondition: `path` is relative, of names without NUL.
  public func appending(_ path: [UInt8]) -> FileLocation { FileLocation(path, below: self) }

  /// A path that leads this process to this very directory for as long as it is open: for what takes paths only.
  public var heldPath: FilePath { FilePath("/proc/self/fd/\(descriptor.rawValue)") }

  /// Whether its path still leads to it: not to another directory of that name, nor to the empty one that shows where a
  /// disk was taken away.
  public func isInPlace() throws(FileError) -> Bool {
    guard let there = try FileStatus(ifPresent: path) else { return false }
    return try there.isOfSameFile(as: status())
  }

  public func status() throws(FileError) -> FileStatus { try FileStatus(of: descriptor, at: path) }

  /// The names in it, as bytes and unsorted, without "." and "..".
  public func names() throws(FileError) -> [[UInt8]] {
    // A descriptor of its own, since reading moves its place and closing the stream closes it.
    let copy = try systemCall("list", path) {
      unsafe linux_open_in(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY, 0)
    }
    guard let stream = unsafe fdopendir(copy) else {
      let error = FileError("list", path, Errno(rawValue: errno))
      Glibc.close(copy)
      throw error
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    try unsafe DirectoryListing.forEachName(in: stream, path) { names.append($0) }
    return names
  }

  /// Makes the names in it durable.
  public func sync() throws(FileError) { try descriptor.sync(path) }

  /// Removes what has that name, with all that it holds; symbolic links are removed, not followed.
  ///
  /// What is not there is what was asked for.
  public func removeTree(_ name: [UInt8]) throws(FileError) {
    let location = appending(name)
    do throws(FileError) {
      try location.unlink()
    } catch {
      if error.errno == .noSuchFileOrDirectory { return }
      guard error.errno == .isDirectory else { throw error }
      let directory = try OpenDirectory(location)
      for name in try directory.names() { try directory.removeTree(name) }
      try location.removeDirectory()
    }
  }
}

extension OpenDirectory: Hashable {
  /// Each is itself, also where two are of one directory.
  public static func == (lhs: OpenDirectory, rhs: OpenDirectory) -> Bool { lhs === rhs }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
