// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

extension FileDescriptor {
  /// Makes content and metadata of the file durable; `path` is for the error's message.
  ///
  /// An error is final: the kernel may have dropped the pages that it could not write, and a second
  /// call would report success.
  public func sync(_ path: FilePath) throws(FileError) {
    try systemCall("sync", path) { fsync(rawValue) }
  }

  /// Begins to write the file's content out without waiting, so that many files synced one after the
  /// other share the device's work. Gives no durability at all.
  public func startWriteback() {
    // Only a hint: whoever needs durability calls `sync`, which reports what fails.
    _ = linux_start_writeback(rawValue)
  }

  /// Makes this empty file a reflink of `source`: a copy that shares its blocks until one is written.
  ///
  /// - Returns: `false` where the file systems cannot do that.
  public func clone(_ source: FileDescriptor, path: FilePath) throws(FileError) -> Bool {
    do throws(FileError) {
      try systemCall("reflink", path) { linux_clone(rawValue, source.rawValue) }
      return true
    } catch {
      switch error.errno {
      case .notSupported, .notSupportedOnSocket, .improperLink, .invalidArgument,
        .inappropriateIOCTLForDevice:
        return false
      default: throw error
      }
    }
  }

  /// Sets the time of last modification, in nanoseconds since 1970, and that of last access with it.
  public func setModified(_ nanoseconds: Int64, path: FilePath) throws(FileError) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let time =
      rest < 0
      ? timespec(tv_sec: Int(seconds) - 1, tv_nsec: Int(rest) + 1_000_000_000)
      : timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
    let times = [time, time]
    try systemCall("set the time of", path) { unsafe futimens(rawValue, times) }
  }

  public func setOwner(user: UInt32, group: UInt32, path: FilePath) throws(FileError) {
    try systemCall("change the owner of", path) { fchown(rawValue, user, group) }
  }
}
