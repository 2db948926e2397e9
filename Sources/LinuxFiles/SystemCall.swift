// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// Runs a system call that answers -1 on failure, again while a signal interrupts it.
@discardableResult
func systemCall<Result: SignedInteger>(
  _ operation: String, _ path: FilePath, _ call: () -> Result
) throws(FileError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let failure = Errno(rawValue: errno)
    if failure != .interrupted { throw FileError(operation, path, failure) }
  }
}

extension FilePath {
  /// Calls `body` with the path as C wants it.
  func withC<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe withPlatformString { unsafe body($0) }
  }
}
