// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// Reads the fields of one record of a MANIFEST or log; every length is checked against what is left.
struct RecordCursor {
  private let bytes: [UInt8]
  private let file: FilePath
  /// Where the record begins in its file, in bytes.
  private let recordOffset: UInt64
  private let end: Int
  /// Bytes from the beginning of the record.
  private(set) var position: Int

  init(_ record: LogRecord, of file: FilePath) {
    bytes = record.bytes
    self.file = file
    recordOffset = record.offset
    position = 0
    end = record.bytes.count
  }

  private init(_ other: RecordCursor, _ range: Range<Int>) {
    bytes = other.bytes
    file = other.file
    recordOffset = other.recordOffset
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position == end }
  var count: Int { end - position }

  mutating func byte(_ what: String) throws(RocksDirectoryError) -> UInt8 {
    guard position < end else { throw corrupt("\(what) is cut short") }
    defer { position += 1 }
    return bytes[position]
  }

  /// Little-endian base 128, at most ten bytes.
  mutating func varint64(_ what: String) throws(RocksDirectoryError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      let next = try byte(what)
      if shift == 63 && next > 1 { break }
      value |= UInt64(next & 0x7F) << shift
      if next & 0x80 == 0 { return value }
    }
    throw corrupt("\(what) is no number of 64 bits")
  }

  mutating func varint32(_ what: String) throws(RocksDirectoryError) -> UInt32 {
    guard let value = UInt32(exactly: try varint64(what)) else {
      throw corrupt("\(what) is no number of 32 bits")
    }
    return value
  }

  mutating func fixed64(_ what: String) throws(RocksDirectoryError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      value |= UInt64(try byte(what)) << shift
    }
    return value
  }

  mutating func fixed32(_ what: String) throws(RocksDirectoryError) -> UInt32 {
    var value: UInt32 = 0
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      value |= UInt32(try byte(what)) << shift
    }
    return value
  }

  mutating func fileNumber(_ what: String) throws(RocksDirectoryError) -> FileNumber {
    let number = FileNumber(rawValue: try varint64(what))
    guard number <= .maximum else { throw corrupt("\(what) is too large") }
    return number
  }

  /// A field of its own: its length as varint32, then its bytes.
  mutating func field(_ what: String) throws(RocksDirectoryError) -> RecordCursor {
    let length = Int(try varint32(what))
    guard length <= count else { throw corrupt("\(what) is cut short") }
    defer { position += length }
    return RecordCursor(self, position..<position + length)
  }

  mutating func skipField(_ what: String) throws(RocksDirectoryError) {
    let length = Int(try varint32(what))
    guard length <= count else { throw corrupt("\(what) is cut short") }
    position += length
  }

  mutating func string(_ what: String) throws(RocksDirectoryError) -> String {
    let field = try field(what)
    return String(decoding: field.bytes[field.position..<field.end], as: UTF8.self)
  }

  func corrupt(_ reason: String) -> RocksDirectoryError {
    .corrupt(file: file, offset: recordOffset, reason: located(reason))
  }

  func unsupported(_ reason: String) -> RocksDirectoryError {
    .unsupported(file: file, offset: recordOffset, reason: located(reason))
  }

  private func located(_ reason: String) -> String {
    "\(reason), \(position) bytes into the record"
  }
}
