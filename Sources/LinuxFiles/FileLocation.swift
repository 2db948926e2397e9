// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// Where a file lies: at a path, or below a directory that is held open.
///
/// Below a directory no symbolic link is followed: whoever may write to it, and swaps one of its directories for a
/// link at the right moment, can have nothing read, made or removed outside of it. Of a path, the last name is not followed.
public struct FileLocation: Hashable, Sendable {
  private enum Place: Hashable {
    case path(FilePath)
    case below(OpenDirectory, [UInt8])
  }

  private let place: Place

  public init(_ path: FilePath) {
    place = .path(path)
  }

  init(_ path: [UInt8], below directory: OpenDirectory) {
    precondition(path.first != separator && !path.contains(0), "names lie below a directory")
    place = .below(directory, path)
  }

  /// Its path as it was when the directory was opened; for messages.
  public var path: FilePath {
    switch place {
    case .path(let path): path
    case .below(let directory, let path): directory.path.appending(bytes: path)
    }
  }

  public func open(
    _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [],
    permissions: FilePermissions = []
  ) throws(FileError) -> FileDescriptor {
    let place = try placed()
    let number = try systemCall("open", path) {
      unsafe place.name.withC {
        unsafe linux_open_in(
          place.directory, $0, mode.rawValue | options.rawValue, UInt32(permissions.rawValue))
      }
    }
    return FileDescriptor(rawValue: number)
  }

  /// What is there itself; `nil` for nothing, also where what should be a directory is none.
  public func status() throws(FileError) -> FileStatus? {
    var status = linux_status()
    do throws(FileError) {
      let place = try placed()
      try systemCall("stat", path) {
        unsafe place.name.withC { unsafe linux_stat_in(place.directory, $0, &status) }
      }
    } catch {
      if error.isOfAbsence { return nil }
      throw error
    }
    return FileStatus(status)
  }

  /// Makes `link` another name of the file that is there; of a symbolic link itself.
  public func link(as link: FileLocation) throws(FileError) {
    let (place, newPlace) = (try placed(), try link.placed())
    try systemCall("link", link.path) {
      unsafe place.name.withC { name in
        unsafe newPlace.name.withC { newName in
          unsafe linkat(place.directory, name, newPlace.directory, newName, 0)
        }
      }
    }
  }

  public func makeDirectory(permissions: UInt32) throws(FileError) {
    let place = try placed()
    try systemCall("create directory", path) {
      unsafe place.name.withC { unsafe mkdirat(place.directory, $0, permissions) }
    }
  }

  public func unlink() throws(FileError) { try remove("remove", 0) }

  public func removeDirectory() throws(FileError) { try remove("remove directory", AT_REMOVEDIR) }

  private func remove(_ operation: String, _ flags: Int32) throws(FileError) {
    let place = try placed()
    try systemCall(operation, path) {
      unsafe place.name.withC { unsafe unlinkat(place.directory, $0, flags) }
    }
  }

  /// Gives what is there the name `destination`, replacing what had it.
  public func rename(to destination: FileLocation) throws(FileError) {
    let (place, newPlace) = (try placed(), try destination.placed())
    try systemCall("rename to", destination.path) {
      unsafe place.name.withC { name in
        unsafe newPlace.name.withC { newName in
          unsafe renameat(place.directory, name, newPlace.directory, newName)
        }
      }
    }
  }

  private func placed() throws(FileError) -> PlacedName {
    switch place {
    case .path(let path): PlacedName(path.bytes[...], in: nil)
    case .below(let directory, let path): try directory.placed(path)
    }
  }
}

/// A name, and the directory in which the kernel is to look it up.
private final class PlacedName {
  let name: ArraySlice<UInt8>
  private let holder: OpenDirectory?
  private let parent: FileDescriptor?

  /// - Parameter holder: the working directory for `nil`.
  /// - Parameter parent: below it, if it is another; closed with this.
  init(_ name: ArraySlice<UInt8>, in holder: OpenDirectory?, parent: FileDescriptor? = nil) {
    self.name = name
    self.holder = holder
    self.parent = parent
  }

  deinit {
    try? parent?.close()  // nothing was written through it
  }

  var directory: Int32 { (parent ?? holder?.descriptor)?.rawValue ?? AT_FDCWD }
}

extension OpenDirectory {
  fileprivate func placed(_ path: [UInt8]) throws(FileError) -> PlacedName {
    guard let slash = path.lastIndex(of: separator) else { return PlacedName(path[...], in: self) }
    return PlacedName(path[(slash + 1)...], in: self, parent: try descend(path[..<slash]))
  }

  /// The directory at `path` below this one, as a place to look names up in.
  ///
  /// - Returns: a descriptor that the caller closes.
  func descend(_ path: ArraySlice<UInt8>) throws(FileError) -> FileDescriptor {
    var place: FileDescriptor?
    for name in path.split(separator: separator) {
      let outer = place ?? descriptor
      let opened = Result { () throws(FileError) in
        try systemCall("open directory", self.path.appending(bytes: Array(path))) {
          unsafe name.withC { unsafe linux_open_place_in(outer.rawValue, $0) }
        }
      }
      try? place?.close()  // nothing was written through it
      place = FileDescriptor(rawValue: try opened.get())
    }
    guard let place else { preconditionFailure("a path has a name") }
    return place
  }
}

private let separator = UInt8(ascii: "/")

extension FileError {
  /// Whether nothing is there, or a way to it that leads through what is no directory.
  var isOfAbsence: Bool { errno == .noSuchFileOrDirectory || errno == .notDirectory }
}

extension ArraySlice<UInt8> {
  /// Calls `body` with the bytes as C wants a name.
  func withC<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: count + 1) { buffer in
      for (index, byte) in enumerated() { unsafe buffer[index] = CChar(bitPattern: byte) }
      unsafe buffer[count] = 0
      guard let name = buffer.baseAddress else { preconditionFailure("it has room for NUL") }
      return unsafe body(UnsafePointer(name))
    }
  }
}
