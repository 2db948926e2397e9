// SPDX-License-Identifier: Apache-2.0

/// One logical record of a log, put together from its fragments, its checksums verified.
package struct LogRecord: Equatable, Sendable {
  /// The byte of the file at which the header of its first fragment begins.
  package let offset: UInt64
  package var bytes: [UInt8]
}
