// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles
import SystemPackage

/// Why a store did not do what was asked. Nothing that was acknowledged is affected.
public struct StoreError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The directory is no store.
    case notAStore
    /// The store has a format that this version does not know.
    case unsupported
    case noSuchHistory
    case noSuchCheckpoint
    case noSuchTag
    /// Somebody else holds what is needed, and may be done later.
    case busy
    /// A pending checkpoint was given up meanwhile and can no longer complete.
    case expired
    /// A name or number is taken by something else.
    case exists
    /// A rule forbids it.
    case refused
    /// The input breaks a rule: a name, a kind of file.
    case invalid
    /// A source changed while it was taken in.
    case sourceChanged
    /// It was asked to end.
    case cancelled
    /// Something in the store is not what was recorded.
    case damaged
    case io
  }

  public let code: Code
  /// One line: what failed, on which file or checkpoint, why, what to do.
  public let message: String
  public let cause: (any Error)?
  /// What the message says of a damaged blob, for programs.
  public let damage: Damage?

  package init(
    _ code: Code, _ message: String, damage: Damage? = nil, cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.damage = damage
    self.cause = cause
  }

  public var description: String { message }

  /// The error of a layer below, in this one's terms.
  init(_ error: any Error) {
    switch error {
    case let error as StoreError: self = error
    case is CancellationError: self.init(.cancelled, "it was asked to end", cause: error)
    case let error as FileError where error.errno == .canceled:
      self.init(.cancelled, "it was asked to end while it read '\(error.path)'", cause: error)
    case let error as BlobStoreError where (error.cause as? FileError)?.errno == .canceled:
      self.init(error.cause ?? error)
    case let error as CatalogError:
      self.init(Self.code(of: error), error.message, cause: error)
    case let error as BlobStoreError:
      let code: Code =
        switch error.code {
        case .sourceChanged: .sourceChanged
        case .notPossible: .refused
        case .corrupt: .damaged
        case .unreadable, .io: .io
        }
      self.init(code, error.message, cause: error)
    case let error as FileError where error.errno == .timedOut:
      self.init(
        .busy, "'\(error.path)' is locked by a process that does not go on; let it, or end it",
        cause: error)
    default: self.init(.io, "\(error)", cause: error)
    }
  }

  private static func code(of error: CatalogError) -> Code {
    switch error.code {
    case .noSuchHistory: .noSuchHistory
    case .noSuchCheckpoint: .noSuchCheckpoint
    case .noSuchTag: .noSuchTag
    case .busy, .overtaken: .busy
    case .expired: .expired
    case .exists: .exists
    case .refused: .refused
    case .unusable: .damaged
    case .io: .io
    }
  }
}

/// Runs `body`, with what it throws translated into this layer's terms.
func translating<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
  do {
    return try body()
  } catch {
    throw StoreError(error)
  }
}
