// SPDX-License-Identifier: Apache-2.0

/// Writes JSON as it goes, indented, so that a large document is never a tree in memory.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var depth = 0
  private var isFirst = true

  mutating func object<Failure>(
    _ key: String? = nil, _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try enclosed(key, "{", "}", body)
  }

  mutating func array<Failure>(
    _ key: String? = nil, _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    try enclosed(key, "[", "]", body)
  }

  mutating func field(_ key: String?, _ text: String) {
    begin(key)
    quote(text)
  }

  mutating func field(_ key: String?, _ number: some BinaryInteger) {
    begin(key)
    bytes += String(number).utf8
  }

  mutating func field(_ key: String?, _ value: Bool) {
    begin(key)
    bytes += (value ? "true" : "false").utf8
  }

  mutating func end() { bytes.append(UInt8(ascii: "\n")) }

  private mutating func enclosed<Failure>(
    _ key: String?, _ opening: String, _ closing: String,
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    begin(key)
    bytes += opening.utf8
    depth += 1
    isFirst = true
    try body(&self)
    depth -= 1
    if !isFirst { newLine() }
    bytes += closing.utf8
    isFirst = false
  }

  private mutating func begin(_ key: String?) {
    if depth > 0 {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      newLine()
    }
    isFirst = false
    guard let key else { return }
    quote(key)
    bytes += ": ".utf8
  }

  private mutating func newLine() {
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    guard text.utf8.contains(where: needsEscape) else {
      bytes += text.utf8
      return
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        bytes += "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
      default: bytes.append(byte)
      }
    }
  }
}

private func needsEscape(_ byte: UInt8) -> Bool {
  byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}
