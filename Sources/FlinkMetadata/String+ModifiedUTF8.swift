// SPDX-License-Identifier: Apache-2.0

extension String {
  /// Decodes Java's modified UTF-8: NUL as C0 80, and what is beyond 16 bits as two surrogates of
  /// three bytes each.
  ///
  /// As Java does, it accepts longer forms than needed. A surrogate without its other half, which
  /// Java can have in a string and Swift cannot, becomes U+FFFD.
  ///
  /// - Returns: `nil` for bytes that Java refuses.
  init?(modifiedUTF8 bytes: ArraySlice<UInt8>) {
    // Nearly all text is ASCII, where both are the same; then there is a UTF-16 unit for each byte.
    if let text = String(validating: bytes, as: UTF8.self), text.utf16.count == bytes.count {
      self = text
      return
    }
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count)
    var rest = bytes
    while let first = rest.popFirst() {
      let length: Int
      switch first {
      case 0x00..<0x80: length = 0
      case 0xC0..<0xE0: length = 1
      case 0xE0..<0xF0: length = 2
      default: return nil
      }
      var unit = length == 0 ? UInt16(first) : UInt16(first & (length == 1 ? 0x1F : 0x0F))
      for _ in 0..<length {
        guard let next = rest.popFirst(), next & 0xC0 == 0x80 else { return nil }
        unit = unit << 6 | UInt16(next & 0x3F)
      }
      units.append(unit)
    }
    self.init(decoding: units, as: UTF16.self)
  }
}
