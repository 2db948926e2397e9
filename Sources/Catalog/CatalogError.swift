// SPDX-License-Identifier: Apache-2.0

/// Why the catalog did not do what was asked; nothing was changed then.
package struct CatalogError: Error, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    case noSuchHistory
    case noSuchCheckpoint
    case noSuchTag
    /// Another process holds what is needed, and may be done later.
    case busy
    /// A pending checkpoint was given up meanwhile: its pins are gone, it can no longer complete.
    case expired
    /// A name or number is taken.
    case exists
    /// A rule forbids it: dropping `latest`, a tagged checkpoint, reusing a number.
    case refused
    /// Another checkpoint of the history completed with a later time: choose a later one.
    case overtaken
    /// The file is no catalog of this format, or broken.
    case unusable
    case io
  }

  package let code: Code
  /// One line: what failed, on which checkpoint, why, what to do.
  package let message: String
  package let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { message }
}
