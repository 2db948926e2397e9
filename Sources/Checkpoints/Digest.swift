// SPDX-License-Identifier: Apache-2.0

public import Crypto

/// The SHA-256 of a content: its identity (promise P5).
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The first eight bytes as a big-endian number; the others follow likewise.
  let words: (UInt64, UInt64, UInt64, UInt64)

  /// - Returns: `nil` unless `bytes` are exactly 32.
  public init?(bytes: some Sequence<UInt8>) {
    var iterator = bytes.makeIterator()
    func word() -> UInt64? {
      var word: UInt64 = 0
      for _ in 0..<8 {
        guard let byte = iterator.next() else { return nil }
        word = word << 8 | UInt64(byte)
      }
      return word
    }
    guard let first = word(), let second = word(), let third = word(), let fourth = word(),
      iterator.next() == nil
    else { return nil }
    words = (first, second, third, fourth)
  }

  public init(_ digest: SHA256Digest) {
    guard let value = Self(bytes: digest) else { preconditionFailure("SHA-256 has 32 bytes") }
    self = value
  }

  public init(hashing content: [UInt8]) {
    self.init(SHA256.hash(data: content))
  }

  /// Reads 64 lower-case hexadecimal digits; one content has one name only.
  public init?(hexadecimal text: some StringProtocol) {
    self.init(hexadecimal: Array(text.utf8)[...])
  }

  init?(hexadecimal digits: ArraySlice<UInt8>) {
    guard digits.count == 64 else { return nil }
    func word(_ index: Int) -> UInt64? {
      var word: UInt64 = 0
      for digit in digits.dropFirst(16 * index).prefix(16) {
        guard let value = hexadecimalValue(digit) else { return nil }
        word = word << 4 | UInt64(value)
      }
      return word
    }
    guard let first = word(0), let second = word(1), let third = word(2), let fourth = word(3)
    else { return nil }
    words = (first, second, third, fourth)
  }

  /// The 32 bytes, most significant first.
  public var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
    }
  }

  public var hexadecimal: String { String(decoding: hexadecimalDigits, as: UTF8.self) }

  var hexadecimalDigits: [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: 60, through: 0, by: -4) {
        digits.append(hexadecimalDigit(UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15))
      }
    }
    return digits
  }

  public var description: String { hexadecimal }

  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.words == rhs.words }

  /// A digest is already evenly distributed, so one word of it says enough.
  public func hash(into hasher: inout Hasher) { hasher.combine(words.1) }
}

func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

func hexadecimalValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  default: nil
  }
}
