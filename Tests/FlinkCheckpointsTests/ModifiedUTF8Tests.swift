// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FlinkMetadata

@Suite struct ModifiedUTF8Tests {
  private func decode(_ bytes: [UInt8]) -> String? { String(modifiedUTF8: bytes[...]) }

  @Test("what Java writes is read")
  func wellFormed() {
    #expect(decode([]) == "")
    #expect(decode(Array("plain".utf8)) == "plain")
    #expect(decode([0x61, 0xC0, 0x80, 0x62]) == "a\u{0}b")
    #expect(decode([0xC3, 0xBC]) == "ü")
    #expect(decode([0xE2, 0x82, 0xAC]) == "€")
    #expect(decode([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]) == "😀")
  }

  @Test("half of a surrogate pair becomes a replacement character")
  func loneSurrogate() {
    #expect(decode([0x61, 0xED, 0xA0, 0xBD]) == "a\u{FFFD}")
  }

  @Test("what Java refuses is refused")
  func malformed() {
    for bytes in [
      [0x80], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xE2, 0x28, 0xAC], [0xF0, 0x9F, 0x98, 0x80],
      [0xFF],
    ] as [[UInt8]] {
      #expect(decode(bytes) == nil, "\(bytes)")
    }
  }
}
