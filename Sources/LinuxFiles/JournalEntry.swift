// SPDX-License-Identifier: Apache-2.0

/// A message for systemd's journal, in its native protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
public struct JournalEntry: Hashable, Sendable {
  /// As they are sent: a field that comes several times has several values.
  public private(set) var bytes: [UInt8] = []

  public init(_ message: String, _ priority: SystemLog.Priority) {
    add("MESSAGE", message)
    add("PRIORITY", String(priority.number))
  }

  /// - Precondition: `name` is upper-case letters, digits and `_`, and begins with a letter.
  public mutating func add(_ name: String, _ value: String) {
    precondition(Self.isName(name), "'\(name)' is no field of the journal's")
    bytes += name.utf8
    if value.utf8.contains(UInt8(ascii: "\n")) {
      bytes.append(UInt8(ascii: "\n"))
      let length = UInt64(value.utf8.count)
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
    } else {
      bytes.append(UInt8(ascii: "="))
    }
    bytes += value.utf8
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x41...0x5a).contains(first), name.utf8.count <= 64 else {
      return false
    }
    return name.utf8.allSatisfy {
      (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
    }
  }
}
