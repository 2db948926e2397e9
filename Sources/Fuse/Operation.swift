// SPDX-License-Identifier: Apache-2.0

/// A kind of request, as ``SessionCounters`` tell them apart.
package enum Operation: Int, CaseIterable, Hashable, Sendable {
  case lookup
  case forget
  case getattr
  case readlink
  case open
  case read
  case release
  case opendir
  case readdir
  case readdirplus
  case releasedir
  case statfs
  case getxattr
  case listxattr
  case access
  /// Whatever writes, which the session itself refuses. Opening for writing is still an `open`.
  case write
}
