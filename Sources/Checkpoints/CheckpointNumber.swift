// SPDX-License-Identifier: Apache-2.0

/// The N of `chk-N`: a checkpoint's number within its history, never reused.
public struct CheckpointNumber: RawRepresentable, Hashable, Sendable, Comparable {
  /// Below 2^62, so that sums with a number stay within SQLite's and the kernel's signed numbers.
  public static let greatest = CheckpointNumber(valid: 1 << 62 - 1)

  public static let least = CheckpointNumber(valid: 1)

  /// From 1 to that of ``greatest``.
  public let rawValue: Int64

  public init?(rawValue: Int64) {
    guard (1...Self.greatest.rawValue).contains(rawValue) else { return nil }
    self.init(valid: rawValue)
  }

  private init(valid rawValue: Int64) {
    self.rawValue = rawValue
  }

  /// Reads `chk-N`, without leading zeros: each checkpoint has one name only.
  public init?(directoryName: some StringProtocol) {
    guard directoryName.hasPrefix("chk-") else { return nil }
    let digits = directoryName.dropFirst(4)
    guard digits.utf8.first != UInt8(ascii: "0"), digits.utf8.allSatisfy(isDigit),
      let number = Int64(digits)
    else { return nil }
    self.init(rawValue: number)
  }

  /// The number after this one; the greatest has none but itself.
  package var next: CheckpointNumber { Self(rawValue: rawValue + 1) ?? self }

  public var directoryName: String { "chk-\(rawValue)" }

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
