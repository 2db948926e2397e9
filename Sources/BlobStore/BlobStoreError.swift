// SPDX-License-Identifier: Apache-2.0

import LinuxFiles

/// Why a content could not be kept or found.
package struct BlobStoreError: Error, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// A source changed while it was read.
    case sourceChanged
    /// The way asked for is not there: no reflinks, another file system, too many links.
    case notPossible
    /// A blob's bytes do not hash to its digest.
    case corrupt
    /// A blob's file cannot be looked at, or not be read to its end.
    case unreadable
    case io
  }

  package let code: Code
  /// One line: what failed, on which file, why.
  package let message: String
  package let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  init(_ error: any Error) {
    self = error as? BlobStoreError ?? BlobStoreError(.io, "\(error)", cause: error)
  }

  /// - Parameter error: what came of looking at a blob's file.
  init(reading error: FileError) {
    self.init(error.concernsFile ? .unreadable : .io, "\(error)", cause: error)
  }

  package var description: String { message }
}
