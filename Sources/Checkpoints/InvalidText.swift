// SPDX-License-Identifier: Apache-2.0

/// A page, manifest or other text record of a store that breaks its format.
public struct InvalidText: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1.
  public let line: Int
  public let reason: String

  public init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }

  public var description: String { "line \(line): \(reason)" }
}
