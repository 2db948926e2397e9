// SPDX-License-Identifier: Apache-2.0
@testable import RocksDB

extension [UInt8] {
  static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func varints(_ values: UInt64...) -> [UInt8] { values.flatMap { varint($0) } }

  static func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

  static func field(_ bytes: [UInt8]) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

  static func field(_ text: String) -> [UInt8] { field(Array(text.utf8)) }

  static func fixed(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// A table as tag 103 with two keys and the custom fields given.
  static func table(
    _ number: UInt64, size: UInt64 = 100, level: UInt64 = 0, fields: [UInt8] = []
  ) -> [UInt8] {
    let key = field([UInt8](repeating: 7, count: 9))
    return varints(103, level, number, size) + key + key + varints(1, 2) + fields + varint(1)
  }

  /// The three numbers that every complete MANIFEST sets.
  static let numbers = varints(2, 5, 3, 6, 4, 7)

  /// One physical record.
  static func fragment(type: UInt8, _ payload: [UInt8], log: UInt32? = nil) -> [UInt8] {
    let checked = [type] + (log.map { fixed($0) } ?? []) + payload
    return fixed(CRC32C.masked(CRC32C.checksum(checked[...]))) + fixed(UInt16(payload.count))
      + checked
  }

  /// A log of complete records, each small enough for its block.
  static func log(_ records: [[UInt8]]) -> [UInt8] { records.flatMap { fragment(type: 1, $0) } }
}
