// SPDX-License-Identifier: Apache-2.0

/// The 16 bytes that name an operator in all checkpoints of a job, in the order of the file.
package struct OperatorID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The first and the last eight bytes, as big-endian numbers.
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 32 lower-case hexadecimal digits, as Flink writes it everywhere.
  package init?(_ text: String) {
    let digits = text.utf8
    guard digits.count == 32,
      digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  package var description: String { hexadecimal(high) + hexadecimal(low) }

  package static func < (lhs: Self, rhs: Self) -> Bool {
    (lhs.high, lhs.low) < (rhs.high, rhs.low)
  }
}

private func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
