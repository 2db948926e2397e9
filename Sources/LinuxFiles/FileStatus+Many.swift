// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
package import SystemPackage

extension FileStatus {
  /// The statuses of many files, as `init(ifPresent:)` gives them, in the order of `paths`.
  ///
  /// The time goes to the kernel's walk of each path, so several threads share it. The first error ends it.
  package static func ifPresent(at paths: [FilePath]) throws(FileError) -> [FileStatus?] {
    let slices = min(2, paths.count / 512 + 1)
    let found = Mutex([Result<[FileStatus?], FileError>?](repeating: nil, count: slices))
    DispatchQueue.concurrentPerform(iterations: slices) { slice in
      let range = paths.count * slice / slices..<paths.count * (slice + 1) / slices
      let result = look(at: paths[range])
      found.withLock { $0[slice] = result }
    }
    var statuses: [FileStatus?] = []
    for result in found.withLock({ $0 }) {
      if let result { statuses += try result.get() }
    }
    return statuses
  }

  private static func look(
    at paths: ArraySlice<FilePath>
  ) -> Result<[FileStatus?], FileError> {
    var statuses: [FileStatus?] = []
    statuses.reserveCapacity(paths.count)
    for path in paths {
      do throws(FileError) {
        statuses.append(try FileStatus(ifPresent: path))
      } catch {
        return .failure(error)
      }
    }
    return .success(statuses)
  }
}
