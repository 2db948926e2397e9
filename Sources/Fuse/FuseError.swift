// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// Why a session could not begin, or did not end as it should.
package struct FuseError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// libfuse does not know an option, or there is no memory.
    case invalidOptions
    /// The process has a session already that handles its signals.
    case sessionExists
    case cannotMount
    /// The kernel's connection broke, or it offers less than was asked for.
    case connectionFailed
  }

  package let code: Code
  /// What libfuse or the kernel said, in one line.
  package let message: String
  package let errno: Errno?

  package init(_ code: Code, _ message: String, errno: Errno? = nil) {
    self.code = code
    self.message = message
    self.errno = errno
  }

  package var description: String { message }
}
