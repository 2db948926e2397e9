// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// A held lock on a file, released when it goes: by `deinit`, or by the kernel when the process dies.
///
/// It is an open-file-description lock, so two holders within one process exclude each other too.
public struct FileLock: ~Copyable, Sendable {
  public enum Mode: Sendable {
    case shared
    case exclusive
  }

  public let path: FilePath
  private let descriptor: FileDescriptor

  /// Locks `path`, creating it, without waiting.
  ///
  /// - Returns: `nil` when somebody else holds it in a way that excludes `mode`.
  public init?(_ mode: Mode, path: FilePath, create: Bool = true) throws(FileError) {
    while true {
      let file = try FileSystemCalls.open(
        path, .readWrite,
        options: create ? [.create, .noFollow, .closeOnExec] : [.noFollow, .closeOnExec],
        permissions: [.ownerReadWrite, .groupReadWrite])
      do throws(FileError) {
        guard try Self.lock(file, mode, path) else {
          try? file.close()
          return nil
        }
        if try Self.isStill(file, at: path) {
          self.path = path
          descriptor = file
          return
        }
      } catch {
        try? file.close()  // the first error is the one to tell
        throw error
      }
      // The file was removed between open and lock: what was locked has no name any more.
      try? file.close()
    }
  }

  /// Does `body` while holding `path` locked exclusively, waiting until that is possible.
  public static func withExclusive<Result>(
    _ path: FilePath, _ body: () throws -> Result
  ) throws -> Result {
    let lock = try waiting(.exclusive, path)
    let result = try body()
    _ = consume lock
    return result
  }

  /// Locks `path`, creating it, as soon as nobody holds it in a way that excludes `mode`.
  ///
  /// - Parameter limit: a minute, unless told otherwise: who holds it for longer was stopped.
  /// - Throws: ``FileError`` with `timedOut` when it is held for longer than that.
  public static func waiting(
    _ mode: Mode, _ path: FilePath, atMost limit: Duration = .seconds(60)
  ) throws(FileError) -> FileLock {
    var pause: UInt32 = 1_000
    let end = ContinuousClock.now + limit
    while true {
      if let lock = try FileLock(mode, path: path) { return lock }
      guard ContinuousClock.now < end else { throw FileError("lock", path, .timedOut) }
      // Polling, since a blocking lock could not check afterwards that its file still has the name.
      usleep(pause)
      pause = min(2 * pause, 50_000)
    }
  }

  /// Whether somebody holds an exclusive lock on `path`; a file that is not there is not locked.
  public static func isHeld(_ path: FilePath) throws(FileError) -> Bool {
    do throws(FileError) {
      let lock = try FileLock(.shared, path: path, create: false)
      return lock == nil
    } catch  where error.errno == .noSuchFileOrDirectory {
      return false
    }
  }

  /// Removes the file while the lock is still held, so that nobody can lock the old name.
  public consuming func remove() throws(FileError) {
    try FileSystemCalls.unlinkIfPresent(path)
  }

  deinit {
    // Closing alone would leave the lock to a child that is being forked at this moment.
    _ = linux_lock(descriptor.rawValue, F_UNLCK)
    try? descriptor.close()  // nothing was written through it
  }

  private static func lock(
    _ file: FileDescriptor, _ mode: Mode, _ path: FilePath
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      try systemCall("lock", path) {
        linux_lock(file.rawValue, mode == .shared ? F_RDLCK : F_WRLCK)
      }
      return true
    } catch
      where error.errno == .resourceTemporarilyUnavailable
      || error.errno == .permissionDenied
    {
      return false
    }
  }

  private static func isStill(
    _ file: FileDescriptor, at path: FilePath
  ) throws(FileError) -> Bool {
    let opened = try FileStatus(of: file, at: path)
    do throws(FileError) {
      return try FileStatus(at: path).isOfSameFile(as: opened)
    } catch  where error.errno == .noSuchFileOrDirectory {
      return false
    }
  }
}
