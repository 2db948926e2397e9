// SPDX-License-Identifier: Apache-2.0

/// Why a source cannot tell what was asked.
public struct SourceError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// A content is absent, of another size or time than recorded: reading it would be a lie (P9).
    case damaged
    /// The source as a whole cannot be read now: its catalog is gone, broken or locked.
    case unavailable
  }

  public let code: Code
  /// One line: what, on which file or checkpoint, why, what to do.
  public let message: String
  public let cause: (any Error)?
  /// What the message says of a damaged blob, for programs.
  public let damage: Damage?

  public init(
    _ code: Code, _ message: String, damage: Damage? = nil, cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.damage = damage
    self.cause = cause
  }

  public var description: String { message }
}
