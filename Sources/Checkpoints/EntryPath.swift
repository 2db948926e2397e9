// SPDX-License-Identifier: Apache-2.0

/// The path of a file or directory within a checkpoint: bytes, as Linux has them, not text.
///
/// Relative, of components of 1–255 bytes, none of them `.` or `..`, without NUL, 4,095 bytes at most.
public struct EntryPath: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let bytes: [UInt8]

  /// - Throws: ``InvalidPath`` when a rule above is broken (promise P10).
  public init(bytes: [UInt8]) throws(InvalidPath) {
    guard Self.isValid(bytes) else { throw InvalidPath(bytes: bytes) }
    self.bytes = bytes
  }

  /// - Throws: ``InvalidPath`` when a rule above is broken.
  public init(_ text: String) throws(InvalidPath) {
    try self.init(bytes: Array(text.utf8))
  }

  /// The path of `name` in this directory, or at the top for `nil`.
  public init(name: [UInt8], in directory: EntryPath?) throws(InvalidPath) {
    guard let directory else {
      try self.init(bytes: name)
      return
    }
    try self.init(bytes: directory.bytes + [separator] + name)
  }

  /// The last component.
  public var name: ArraySlice<UInt8> {
    bytes.lastIndex(of: separator).map { bytes[($0 + 1)...] } ?? bytes[...]
  }

  /// The directory that holds it; `nil` at the top.
  public var parent: EntryPath? {
    bytes.lastIndex(of: separator).map { EntryPath(unchecked: Array(bytes[..<$0])) }
  }

  /// The path for people: no two look the same, and no terminal obeys one.
  public var description: String { String(printableName: bytes) }

  /// The path as text, or `nil` when its bytes are not UTF-8.
  public var text: String? { String(validating: bytes, as: UTF8.self) }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    lhs.bytes.lexicographicallyPrecedes(rhs.bytes)
  }

  private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  private static func isValid(_ bytes: [UInt8]) -> Bool {
    guard !bytes.isEmpty, bytes.count <= 4095, !bytes.contains(0) else { return false }
    if bytes.count <= 255, bytes[0] != dot, !bytes.contains(separator) { return true }
    return bytes.split(separator: separator, omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0.count <= 255 && !$0.elementsEqual([dot]) && !$0.elementsEqual([dot, dot])
    }
  }
}

/// Bytes that are no path within a checkpoint.
public struct InvalidPath: Error, Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]
  public var description: String {
    "'\(String(printableName: bytes))' is no path within a checkpoint: it must be "
      + "relative, without '.', '..' or NUL, and within 255 bytes a component"
  }
}

extension EntryPath {
  var escaped: [UInt8] { escape(bytes) }

  /// - Returns: `nil` for bytes that `escaped` never makes, so that a path has one spelling.
  init?(escaped: ArraySlice<UInt8>) {
    if escaped.allSatisfy(isPlain) {
      // Nearly every path of a checkpoint: it stands for itself.
      guard let path = try? EntryPath(bytes: Array(escaped)) else { return nil }
      self = path
      return
    }
    guard let bytes = unescape(escaped), escape(bytes).elementsEqual(escaped),
      let path = try? EntryPath(bytes: bytes)
    else { return nil }
    self = path
  }
}

private let separator = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")
private let percent = UInt8(ascii: "%")

private func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f && byte != percent }

private func escape(_ bytes: [UInt8]) -> [UInt8] {
  if bytes.allSatisfy(isPlain) { return bytes }
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count)
  for byte in bytes {
    if isPlain(byte) {
      result.append(byte)
    } else {
      result += [percent, hexadecimalDigit(byte >> 4), hexadecimalDigit(byte & 15)]
    }
  }
  return result
}

private func unescape(_ text: ArraySlice<UInt8>) -> [UInt8]? {
  var result: [UInt8] = []
  var rest = text
  while let byte = rest.popFirst() {
    guard byte == percent else {
      result.append(byte)
      continue
    }
    guard let high = rest.popFirst().flatMap(hexadecimalValue),
      let low = rest.popFirst().flatMap(hexadecimalValue)
    else { return nil }
    result.append(high << 4 | low)
  }
  return result
}
