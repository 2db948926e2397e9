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
    try many(paths.count) { range throws(FileError) in
      var statuses: [FileStatus?] = []
      for path in paths[range] { statuses.append(try FileStatus(ifPresent: path)) }
      return statuses
    }
  }

  /// The statuses of files by their paths below a directory, as `FileLocation.status()` gives them, in the order of `paths`.
  ///
  /// The way to a directory is walked once for all files in it that follow each other: it takes longer than looking at
  /// one.
  package static func ifPresent(
    at paths: [[UInt8]], below directory: OpenDirectory
  ) throws(FileError) -> [FileStatus?] {
    try many(paths.count) { range throws(FileError) in
      try directory.statuses(of: paths[range])
    }
  }

  /// The time goes to the kernel, so two threads share it.
  private static func many(
    _ count: Int, _ look: @escaping @Sendable (Range<Int>) throws(FileError) -> [FileStatus?]
  ) throws(FileError) -> [FileStatus?] {
    let slices = min(2, count / 512 + 1)
    let found = Mutex([Result<[FileStatus?], FileError>?](repeating: nil, count: slices))
    DispatchQueue.concurrentPerform(iterations: slices) { slice in
      let range = count * slice / slices..<count * (slice + 1) / slices
      let result: Result<[FileStatus?], FileError>
      do throws(FileError) {
        result = .success(try look(range))
      } catch {
        result = .failure(error)
      }
      found.withLock { $0[slice] = result }
    }
    var statuses: [FileStatus?] = []
    for result in found.withLock({ $0 }) {
      if let result { statuses += try result.get() }
    }
    return statuses
  }
}

extension OpenDirectory {
  fileprivate func statuses(of paths: ArraySlice<[UInt8]>) throws(FileError) -> [FileStatus?] {
    var statuses: [FileStatus?] = []
    statuses.reserveCapacity(paths.count)
    var parent: (path: ArraySlice<UInt8>, place: FileDescriptor?) = ([], nil)
    defer { try? parent.place?.close() }  // nothing was written through it
    for path in paths {
      let slash = path.lastIndex(of: UInt8(ascii: "/"))
      let directory = path[..<(slash ?? 0)]
      if directory != parent.path {
        try? parent.place?.close()
        parent = (directory, nil)
        parent.place = try descendIfPresent(directory)
      }
      let place = directory.isEmpty ? descriptor : parent.place
      let name = slash.map { path[($0 + 1)...] } ?? path[...]
      statuses.append(
        try place.flatMap { (place) throws(FileError) in
          try status(of: name, in: place, path)
        })
    }
    return statuses
  }

  /// - Returns: `nil` where there is no directory (any more): then its files are not there either.
  private func descendIfPresent(
    _ path: ArraySlice<UInt8>
  ) throws(FileError) -> FileDescriptor? {
    if path.isEmpty { return nil }
    do throws(FileError) {
      return try descend(path)
    } catch {
      if error.isOfAbsence { return nil }
      throw error
    }
  }

  private func status(
    of name: ArraySlice<UInt8>, in place: FileDescriptor, _ path: [UInt8]
  ) throws(FileError) -> FileStatus? {
    var status = linux_status()
    let failure = unsafe name.withC { name in
      while unsafe linux_stat_in(place.rawValue, name, &status) != 0 {
        if errno != EINTR { return errno }
      }
      return 0
    }
    if failure == ENOENT { return nil }
    guard failure == 0 else {
      throw FileError("stat", self.path.appending(bytes: path), Errno(rawValue: failure))
    }
    return FileStatus(status)
  }
}
