// SPDX-License-Identifier: Apache-2.0

/// A random number that tells one store from all others: 32 hexadecimal digits.
public struct StoreID: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 32, text.utf8.allSatisfy({ hexadecimalValue($0) != nil }) else {
      return nil
    }
    description = String(text)
  }

  public init(random generator: inout some RandomNumberGenerator) {
    description = String(
      decoding: (0..<32).map { _ in
        hexadecimalDigit(UInt8.random(in: 0...15, using: &generator))
      }, as: UTF8.self)
  }
}
