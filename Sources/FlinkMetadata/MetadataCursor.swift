// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of a `_metadata` in order through a small window; every length is checked against
/// what is left before anything is allocated for it.
///
/// All numbers are big-endian and signed, as Java's `DataOutputStream` writes them.
struct MetadataCursor {
  /// More than the longest text, which has to be in the window as a whole.
  private static let windowSize = 128 << 10
  /// What the values of one subtask may take in memory: some hundred times those of a large job.
  private static let maximumCharge = 256 << 20

  let bytes: any MetadataBytes
  let size: UInt64
  /// In bytes from the beginning of the file.
  private(set) var position: UInt64 = 0
  private var window = [UInt8](repeating: 0, count: windowSize)
  private var windowStart: UInt64 = 0
  private var windowCount = 0
  private var charge = 0

  init(_ bytes: any MetadataBytes) {
    self.bytes = bytes
    size = bytes.size
  }

  var remaining: UInt64 { size - position }

  /// Begins a part whose values are gone before the next one is read.
  mutating func beginPart() { charge = 0 }

  /// Accounts for values that are kept.
  mutating func keep(_ count: Int, _ expected: String) throws(MetadataError) {
    charge += count
    if charge > Self.maximumCharge {
      throw MetadataError(
        .tooLarge(expected: "no more \(expected) in one subtask"), in: bytes.path, at: position)
    }
  }
}

/// Fields.
extension MetadataCursor {
  mutating func integer<Value: FixedWidthInteger>(
    _ expected: String, as: Value.Type = Value.self
  ) throws(MetadataError) -> Value {
    let start = try load(Value.bitWidth / 8, expected)
    var value: Value = 0
    for index in start..<start + Value.bitWidth / 8 {
      value = value &<< 8 | Value(truncatingIfNeeded: window[index])
    }
    position += UInt64(Value.bitWidth / 8)
    return value
  }

  /// A number that is not negative.
  mutating func natural<Value: FixedWidthInteger & SignedInteger>(
    _ expected: String, as: Value.Type = Value.self
  ) throws(MetadataError) -> Value {
    let offset = position
    let value: Value = try integer(expected)
    guard value >= 0 else { throw malformed(expected, found: value, at: offset) }
    return value
  }

  mutating func length(_ expected: String) throws(MetadataError) -> UInt64 {
    UInt64(try natural(expected, as: Int64.self))
  }

  /// A length where -1 stands for "not known".
  mutating func knownLength(_ expected: String) throws(MetadataError) -> UInt64? {
    UInt64(exactly: try integer(expected, as: Int64.self))
  }

  mutating func boolean(_ expected: String) throws(MetadataError) -> Bool {
    let offset = position
    let value: UInt8 = try integer(expected)
    guard value <= 1 else { throw malformed("\(expected) (0 or 1)", found: value, at: offset) }
    return value == 1
  }

  /// How many elements follow.
  ///
  /// - Parameter minimum: the least that one of them takes in the file, in bytes.
  mutating func count(_ expected: String, of minimum: UInt64) throws(MetadataError) -> Int {
    let offset = position
    let count = UInt64(try natural("the number of \(expected)", as: Int32.self))
    guard count <= remaining / minimum else {
      throw MetadataError(.truncated(expected: "\(count) \(expected)"), in: bytes.path, at: offset)
    }
    return Int(count)
  }

  /// A length as four bytes, then that many bytes.
  mutating func sizedRange(_ expected: String) throws(MetadataError) -> MetadataRange {
    let length = try natural("the length of \(expected)", as: Int32.self)
    return try range(UInt64(length), expected)
  }

  mutating func offsets(
    _ count: Int32, _ expected: String
  ) throws(MetadataError) -> OffsetList {
    OffsetList(range: try range(8 * UInt64(count), expected))
  }

  mutating func offsets(_ expected: String) throws(MetadataError) -> OffsetList {
    try offsets(try natural("the number of \(expected)"), expected)
  }

  mutating func range(_ count: UInt64, _ expected: String) throws(MetadataError) -> MetadataRange {
    guard count <= remaining else {
      throw MetadataError(
        .truncated(expected: "\(expected) of \(count) bytes"), in: bytes.path, at: position)
    }
    defer { position += count }
    return MetadataRange(offset: position, count: count)
  }

  /// Text in Java's modified UTF-8, its length in bytes before it.
  mutating func text(_ expected: String) throws(MetadataError) -> String {
    let offset = position
    let length = Int(try integer("the length of \(expected)", as: UInt16.self))
    let start = try load(length, expected)
    guard let text = String(modifiedUTF8: window[start..<start + length]) else {
      throw malformed(
        "\(expected) in Java's modified UTF-8", found: "bytes that are none", at: offset)
    }
    position += UInt64(length)
    try keep(length + 32, expected)
    return text
  }

  func malformed(
    _ expected: String, found: some CustomStringConvertible, at offset: UInt64
  ) -> MetadataError {
    MetadataError(
      .malformed(expected: expected, found: found.description), in: bytes.path, at: offset)
  }

  /// Makes the next `count` bytes be in the window.
  ///
  /// - Returns: where they begin in it.
  private mutating func load(_ count: Int, _ expected: String) throws(MetadataError) -> Int {
    guard UInt64(count) <= remaining else {
      throw MetadataError(.truncated(expected: expected), in: bytes.path, at: position)
    }
    if position >= windowStart, position + UInt64(count) <= windowStart + UInt64(windowCount) {
      return Int(position - windowStart)
    }
    windowStart = position
    windowCount = try bytes.read(at: position, into: &window)
    guard count <= windowCount else {
      throw MetadataError(.truncated(expected: expected), in: bytes.path, at: position)
    }
    return 0
  }
}
