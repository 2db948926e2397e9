// SPDX-License-Identifier: Apache-2.0

import Glibc
public import SystemPackage

/// A hold on a directory that excludes all others who take one; it says nothing of what is in the directory.
///
/// By flock(2), since ``FileLock`` needs a file that can be written. It goes with this value, or with the process.
public struct DirectoryHold: ~Copyable {
  private let descriptor: FileDescriptor

  /// Waits for `path` to be free, at most for `limit`.
  ///
  /// - Throws: `timedOut` when somebody holds it for longer.
  public init(_ path: FilePath, waitingAtMost limit: Duration) throws(FileError) {
    let directory = try FileSystemCalls.open(
      path, .readOnly, options: [.directory, .closeOnExec])
    do throws(FileError) {
      let end = ContinuousClock.now + limit
      while try !Self.take(directory, path) {
        guard ContinuousClock.now < end else { throw FileError("lock", path, .timedOut) }
        // Polling, since flock(2) itself waits without end.
        usleep(5_000)
      }
    } catch {
      try? directory.close()  // the first error is the one to tell
      throw error
    }
    descriptor = directory
  }

  deinit {
    // Closing alone would leave the hold to a child that is being forked at this moment.
    _ = flock(descriptor.rawValue, LOCK_UN)
    try? descriptor.close()  // nothing was written through it
  }

  private static func take(
    _ directory: FileDescriptor, _ path: FilePath
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      try systemCall("lock", path) { flock(directory.rawValue, LOCK_EX | LOCK_NB) }
      return true
    } catch  where error.errno == .wouldBlock {
      return false
    }
  }
}
