// SPDX-License-Identifier: Apache-2.0

/// The text form shared by the small records of a store: a header, `key value` lines, and a last line
/// `sha256 DIGEST` over all bytes before it.
struct RecordText {
  private(set) var fields: [(key: String, value: String)]
  let kind: String

  init(kind: String) {
    self.kind = kind
    fields = []
  }

  mutating func append(_ key: String, _ value: some CustomStringConvertible) {
    fields.append((key, value.description))
  }

  var encoded: [UInt8] {
    var text = "ckptfs \(kind) 1\n"
    for field in fields { text += "\(field.key) \(field.value)\n" }
    return Array((text + "sha256 \(Digest(hashing: Array(text.utf8)))\n").utf8)
  }

  init(kind: String, decoding bytes: [UInt8]) throws(InvalidText) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidText(line: 1, reason: "it is not UTF-8")
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.popLast() == "", let seal = lines.popLast() else {
      throw InvalidText(line: 1, reason: "it was cut off")
    }
    let body = bytes.dropLast(seal.utf8.count + 1)
    guard seal == "sha256 \(Digest(hashing: Array(body)))" else {
      throw InvalidText(line: lines.count + 1, reason: "its checksum does not match: it is damaged")
    }
    guard lines.first == "ckptfs \(kind) 1" else {
      throw InvalidText(line: 1, reason: "it is no \(kind) of format 1")
    }
    self.kind = kind
    fields = []
    for (index, line) in lines.enumerated().dropFirst() {
      guard let space = line.firstIndex(of: " ") else {
        throw InvalidText(line: index + 1, reason: "it has no value")
      }
      fields.append((String(line[..<space]), String(line[line.index(after: space)...])))
    }
  }

  /// Takes the next field, which must have this key, and reads its value.
  mutating func next<Value>(
    _ key: String, _ read: (String) -> Value?
  ) throws(InvalidText) -> Value {
    let line = consumed + 2
    guard consumed < fields.count, fields[consumed].key == key,
      let value = read(fields[consumed].value)
    else { throw InvalidText(line: line, reason: "'\(key)' is absent or has no valid value") }
    consumed += 1
    return value
  }

  /// Ids have 34 bits in inode numbers.
  mutating func nextID(_ key: String) throws(InvalidText) -> Int64 {
    try next(key) {
      Int64(canonical: Array($0.utf8)).flatMap { (1..<1 << 34).contains($0) ? $0 : nil }
    }
  }

  /// A user or group.
  mutating func nextIdentity(_ key: String) throws(InvalidText) -> UInt32 {
    try next(key) { UInt32(canonical: Array($0.utf8)) }
  }

  /// A time, or a number of bytes or files: whatever is added to it fits.
  mutating func nextAmount(_ key: String) throws(InvalidText) -> Int64 {
    try next(key) {
      Int64(canonical: Array($0.utf8)).flatMap { (0..<1 << 62).contains($0) ? $0 : nil }
    }
  }

  /// The fields not yet taken, with the line of the first.
  var rest: (line: Int, fields: ArraySlice<(key: String, value: String)>) {
    (consumed + 2, fields[consumed...])
  }

  func finish() throws(InvalidText) {
    guard consumed == fields.count else {
      throw InvalidText(line: consumed + 2, reason: "'\(fields[consumed].key)' is not known")
    }
  }

  private var consumed = 0
}
