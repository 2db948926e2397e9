// SPDX-License-Identifier: Apache-2.0

/// A name of any characters as one component of a path.
///
/// `/`, `%` and control characters are written as `%XX`, and a name of dots with its first dot so. What
/// is too long is cut at a character, so that a suffix still fits.
struct EscapedName: Hashable, CustomStringConvertible {
  /// In bytes; room for a suffix remains up to the 255 that a name may have.
  static let maximumLength = 200

  let description: String
  /// Whether another name may have the same description.
  let isCut: Bool

  init(_ name: String) {
    var text = ""
    var isCut = false
    for character in name {
      let escaped = Self.escape(character)
      guard text.utf8.count + escaped.utf8.count <= Self.maximumLength else {
        isCut = true
        break
      }
      text += escaped
    }
    if text == "." || text == ".." { text = "%2E" + text.dropFirst() }
    if text.isEmpty { text = "%" }
    description = text
    self.isCut = isCut
  }

  private static func escape(_ character: Character) -> String {
    guard character.utf8.contains(where: isSpecial) else { return String(character) }
    let bytes = character.utf8.flatMap { isSpecial($0) ? Array(escape($0).utf8) : [$0] }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%")
  }

  private static func escape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
  }
}
