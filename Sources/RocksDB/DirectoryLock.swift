// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// RocksDB's own lock on a directory: while this value lives, no RocksDB can open it for writing.
///
/// The directory is not changed: LOCK is neither created nor written, its times stay. The lock is an
/// open-file-description lock, which conflicts with RocksDB's process lock (`F_SETLK`) from any
/// process, this one included, and ends with this value.
package struct DirectoryLock: ~Copyable {
  package enum State: Hashable, Sendable {
    /// There is no LOCK file.
    case absent
    case free
    /// The process id where the kernel tells it: RocksDB's does, a ``DirectoryLock`` has none.
    case held(pid: Int32?)
  }

  package static let fileName = "LOCK"

  // F_OFD_GETLK and F_OFD_SETLK of Linux, which Glibc declares only for _GNU_SOURCE.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37

  private let descriptor: FileDescriptor

  /// Takes the lock of `directory` or throws at once; it never waits.
  package init(locking directory: FilePath) throws(DirectoryLockError) {
    let path = directory.appending(Self.fileName)
    descriptor = try LockFileGate.withLock { () throws(DirectoryLockError) in
      let (descriptor, type) = try Self.openToLock(path)
      var region = Self.wholeFile(type)
      guard unsafe fcntl(descriptor.rawValue, Self.setLock, &region) == 0 else {
        let error = Errno(rawValue: Glibc.errno)
        defer { try? descriptor.close() }
        guard error == .resourceTemporarilyUnavailable || error == .permissionDenied else {
          throw .io(path, error)
        }
        guard case .held(let pid) = try Self.state(of: descriptor, path) else {
          // Given up in between; still it was not ours when asked for.
          throw .held(path, pid: nil)
        }
        throw .held(path, pid: pid)
      }
      return descriptor
    }
  }

  deinit {
    // Said explicitly: a child between fork and exec may still have the descriptor.
    var region = Self.wholeFile(F_UNLCK)
    _ = unsafe fcntl(descriptor.rawValue, Self.setLock, &region)
    try? descriptor.close()
  }

  /// Whether a RocksDB, or a ``DirectoryLock``, holds `directory` at this moment.
  package static func probe(_ directory: FilePath) throws(DirectoryLockError) -> State {
    let path = directory.appending(fileName)
    do {
      return try LockFileGate.withLock { () throws(DirectoryLockError) in
        let descriptor = try open(path, .readOnly)
        defer { try? descriptor.close() }
        return try state(of: descriptor, path)
      }
    } catch .absent {
      return .absent
    } catch .held(_, let pid) {
      return .held(pid: pid)
    }
  }

  /// Opens for a write lock, or where LOCK may only be read for a read lock, which conflicts with
  /// RocksDB's write lock as well.
  private static func openToLock(
    _ path: FilePath
  ) throws(DirectoryLockError) -> (FileDescriptor, Int32) {
    do {
      return (try open(path, .readWrite), F_WRLCK)
    } catch .io(_, .permissionDenied), .io(_, .readOnlyFileSystem), .io(_, .notPermitted) {
      return (try open(path, .readOnly), F_RDLCK)
    }
  }

  private static func open(
    _ path: FilePath, _ mode: FileDescriptor.AccessMode
  ) throws(DirectoryLockError) -> FileDescriptor {
    // Closing any descriptor of a file gives up every process lock this process has on it: opening
    // LOCK of a database that is open in this process would quietly unlock that database.
    if try isOpenInThisProcess(path) { throw .held(path, pid: getpid()) }
    do {
      return try FileDescriptor.open(
        path, mode, options: [.noFollow, .nonBlocking, .closeOnExec], retryOnInterrupt: true)
    } catch Errno.noSuchFileOrDirectory {
      throw .absent(path)
    } catch let error as Errno {
      throw .io(path, error)
    } catch {
      throw .io(path, .ioError)
    }
  }

  private static func isOpenInThisProcess(_ path: FilePath) throws(DirectoryLockError) -> Bool {
    var lock = stat()
    guard unsafe lstat(path.string, &lock) == 0 else {
      let error = Errno(rawValue: Glibc.errno)
      throw error == .noSuchFileOrDirectory ? .absent(path) : .io(path, error)
    }
    guard lock.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path) }
    guard let directory = unsafe opendir("/proc/self/fd") else {
      throw .io("/proc/self/fd", Errno(rawValue: Glibc.errno))
    }
    defer { unsafe closedir(directory) }
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      var status = stat()
      guard let number = Int32(name), unsafe fstat(number, &status) == 0 else { continue }
      if status.st_dev == lock.st_dev && status.st_ino == lock.st_ino { return true }
    }
    return false
  }

  /// Whether another lock than the descriptor's own is on the file; never `.absent`.
  private static func state(
    of descriptor: FileDescriptor, _ path: FilePath
  ) throws(DirectoryLockError) -> State {
    var region = wholeFile(F_WRLCK)
    guard unsafe fcntl(descriptor.rawValue, getLock, &region) == 0 else {
      throw .io(path, Errno(rawValue: Glibc.errno))
    }
    if region.l_type == Int16(F_UNLCK) { return .free }
    return .held(pid: region.l_pid > 0 ? region.l_pid : nil)
  }

  private static func wholeFile(_ type: Int32) -> flock {
    var region = flock()
    region.l_type = Int16(type)
    region.l_whence = Int16(SEEK_SET)
    return region
  }
}
