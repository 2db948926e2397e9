// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc
import Synchronization
package import SystemPackage

extension FileStatus {
  /// The statuses of many files, as `init(ifPresent:)` gives them, in the order of `paths`.
  ///
  /// The first error ends it.
  package static func ifPresent(at paths: [FilePath]) throws(FileError) -> [FileStatus?] {
    try many(paths.count) { index throws(FileError) in try FileStatus(ifPresent: paths[index]) }
  }

  /// The statuses of files by their paths below a directory, in the order of `paths`; all are `nil` when that is gone.
  ///
  /// The way to the directory is walked once, which takes longer than looking at a file in it.
  ///
  /// - Precondition: no path has a NUL.
  package static func ifPresent(
    at paths: [[UInt8]], below directory: FilePath
  ) throws(FileError) -> [FileStatus?] {
    let opened: FileDescriptor
    do throws(FileError) {
      opened = try FileSystemCalls.open(
        directory, .readOnly, options: [.directory, .closeOnExec])
    } catch {
      if error.errno == .noSuchFileOrDirectory { return paths.map { _ in nil } }
      throw error
    }
    defer { try? opened.close() }  // nothing was written
    return try many(paths.count) { index throws(FileError) in
      try FileStatus(ifPresent: paths[index], below: opened, directory)
    }
  }

  private init?(
    ifPresent path: [UInt8], below opened: FileDescriptor, _ directory: FilePath
  ) throws(FileError) {
    var status = linux_status()
    let failure = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.count + 1) {
      name in
      for (index, byte) in path.enumerated() { unsafe name[index] = CChar(bitPattern: byte) }
      unsafe name[path.count] = 0
      while unsafe linux_stat_in(opened.rawValue, name.baseAddress, &status) != 0 {
        if errno != EINTR { return errno }
      }
      return 0
    }
    if failure == ENOENT { return nil }
    guard failure == 0 else {
      throw FileError("stat", directory.appending(bytes: path), Errno(rawValue: failure))
    }
    self.init(status)
  }

  /// The time goes to the kernel, so two threads share it.
  private static func many(
    _ count: Int, _ look: @escaping @Sendable (Int) throws(FileError) -> FileStatus?
  ) throws(FileError) -> [FileStatus?] {
    let slices = min(2, count / 512 + 1)
    let found = Mutex([Result<[FileStatus?], FileError>?](repeating: nil, count: slices))
    DispatchQueue.concurrentPerform(iterations: slices) { slice in
      let result = Self.slice(count * slice / slices..<count * (slice + 1) / slices, look)
      found.withLock { $0[slice] = result }
    }
    var statuses: [FileStatus?] = []
    for result in found.withLock({ $0 }) {
      if let result { statuses += try result.get() }
    }
    return statuses
  }

  private static func slice(
    _ range: Range<Int>, _ look: (Int) throws(FileError) -> FileStatus?
  ) -> Result<[FileStatus?], FileError> {
    var statuses: [FileStatus?] = []
    statuses.reserveCapacity(range.count)
    for index in range {
      do throws(FileError) {
        statuses.append(try look(index))
      } catch {
        return .failure(error)
      }
    }
    return .success(statuses)
  }
}
