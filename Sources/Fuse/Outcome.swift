// SPDX-License-Identifier: Apache-2.0
internal import Glibc
package import SystemPackage

/// How a request ended, as far as whoever watches a mount wants it told apart.
package enum Outcome: Int, CaseIterable, Hashable, Sendable {
  case success
  /// There is no such name, node or attribute, or not any more. Programs ask so all the time.
  case notFound
  /// The answer is right and the question was not: writing, listing a file, an operation that is not offered.
  case refused
  /// What is there could not be had.
  case failure

  package init(_ error: Errno) {
    self =
      switch error.rawValue {
      case ENOENT, ESTALE, ENODATA: .notFound
      case EROFS, EACCES, EPERM, ENOSYS, EOPNOTSUPP, ENOTDIR, EISDIR, EINVAL, ERANGE, ENAMETOOLONG,
        EBADF:
        .refused
      default: .failure
      }
  }
}
