// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// The calls on names that `SystemPackage` lacks, with errors that name the file.
public enum FileSystemCalls {
  public static func makeDirectory(
    _ path: FilePath, permissions: UInt32 = 0o755
  ) throws(FileError) {
    try systemCall("create directory", path) { unsafe path.withC { unsafe mkdir($0, permissions) } }
  }

  /// - Returns: `false` when something has that name already.
  @discardableResult
  public static func makeDirectoryIfAbsent(
    _ path: FilePath, permissions: UInt32 = 0o755
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      try makeDirectory(path, permissions: permissions)
      return true
    } catch {
      if error.errno == .fileExists { return false }
      throw error
    }
  }

  /// Whether something has that name.
  public static func exists(_ path: FilePath) throws(FileError) -> Bool {
    try FileStatus(ifPresent: path) != nil
  }

  /// Gives `source` the name `destination`, replacing what had it.
  public static func rename(
    _ source: FilePath, to destination: FilePath
  ) throws(FileError) {
    try systemCall("rename to", destination) {
      unsafe source.withC { from in unsafe destination.withC { to in unsafe Glibc.rename(from, to) }
      }
    }
  }

  /// Gives `source` the name `destination`, which must be free (`EEXIST`).
  public static func renameExclusively(
    _ source: FilePath, to destination: FilePath
  ) throws(FileError) {
    try systemCall("rename to", destination) {
      unsafe source.withC { from in
        unsafe destination.withC { to in unsafe linux_rename_exclusively(from, to) }
      }
    }
  }

  /// Makes `link` a hard link to `file`; a symbolic link is linked, not followed.
  public static func link(_ file: FilePath, as link: FilePath) throws(FileError) {
    try systemCall("link", link) {
      unsafe file.withC { from in
        unsafe link.withC { to in unsafe linkat(AT_FDCWD, from, AT_FDCWD, to, 0) }
      }
    }
  }

  public static func makeSymbolicLink(
    _ link: FilePath, to target: FilePath
  ) throws(FileError) {
    try systemCall("create link", link) {
      unsafe target.withC { to in unsafe link.withC { at in unsafe symlink(to, at) } }
    }
  }

  /// Makes a file of `bytes` zeros whose space is taken; nothing is left where that fails.
  public static func allocate(_ path: FilePath, bytes: UInt64) throws(FileError) {
    let file = try open(
      path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o600))
    defer { try? file.close() }  // nothing was written through it
    // Not posix_fallocate, which writes zeros where the file system cannot.
    do throws(FileError) {
      try systemCall("allocate", path) {
        linux_allocate(file.rawValue, bytes)
      }
    } catch {
      try unlink(path)
      throw error
    }
  }

  /// Cuts off what a file has beyond `size`.
  public static func truncate(_ path: FilePath, to size: UInt64) throws(FileError) {
    try systemCall("truncate", path) {
      unsafe path.withC { unsafe Glibc.truncate($0, off_t(size)) }
    }
  }

  public static func unlink(_ path: FilePath) throws(FileError) {
    try systemCall("remove", path) { unsafe path.withC { unsafe Glibc.unlink($0) } }
  }

  /// As `unlink`, but a file that is not there is what was asked for.
  public static func unlinkIfPresent(_ path: FilePath) throws(FileError) {
    do throws(FileError) { try unlink(path) } catch  where error.errno == .noSuchFileOrDirectory {}
  }

  public static func removeDirectory(_ path: FilePath) throws(FileError) {
    try systemCall("remove directory", path) { unsafe path.withC { unsafe rmdir($0) } }
  }

  /// Makes the names in a directory durable.
  public static func syncDirectory(_ path: FilePath) throws(FileError) {
    let directory = try open(path, .readOnly, options: [.directory, .closeOnExec])
    defer { try? directory.close() }  // nothing was written through it
    try directory.sync(path)
  }

  public static func open(
    _ path: FilePath, _ mode: FileDescriptor.AccessMode,
    options: FileDescriptor.OpenOptions = [.closeOnExec],
    permissions: FilePermissions? = nil
  ) throws(FileError) -> FileDescriptor {
    do {
      return try FileDescriptor.open(path, mode, options: options, permissions: permissions)
    } catch {
      throw FileError("open", path, error as? Errno ?? .ioError)
    }
  }

  /// The absolute path without symbolic links.
  public static func resolve(_ path: FilePath) throws(FileError) -> FilePath {
    let resolved = unsafe path.withC { unsafe realpath($0, nil) }
    guard let resolved = unsafe resolved else {
      throw FileError("resolve", path, Errno(rawValue: errno))
    }
    defer { unsafe free(resolved) }
    return unsafe FilePath(platformString: resolved)
  }
}
