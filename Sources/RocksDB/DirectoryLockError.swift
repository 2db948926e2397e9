// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// Why the lock of a RocksDB directory could not be taken.
package enum DirectoryLockError: Error, Equatable, Sendable {
  /// A database or another lock holds it; the process id where the kernel tells it.
  case held(FilePath, pid: Int32?)
  /// There is no LOCK file, as in a checkpoint that was never opened for writing. None is made.
  case absent(FilePath)
  /// LOCK is a link, directory or special file, which RocksDB never makes.
  case notRegular(FilePath)
  case io(FilePath, Errno)
}

extension DirectoryLockError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .held(let path, let pid):
      "\(path) is held by \(pid.map { "process \($0)" } ?? "another process"): "
        + "the database is open; close it first"
    case .absent(let path): "\(path) does not exist: the directory was never opened for writing"
    case .notRegular(let path): "\(path) is no regular file: this is no directory of RocksDB"
    case .io(let path, let errno): "cannot lock \(path): \(errno)"
    }
  }
}
