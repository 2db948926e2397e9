// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// A sealed blob file of RocksDB's integrated BlobDB, whose checksums RocksDB compares only where a value is read.
///
/// Format, all numbers little endian: a header of 30 bytes (magic 4, version 4, column family 4, flags 1, compression 1, expiration
/// range 16); records of a header of 32 bytes (length of the key 8, of the value 8, expiration 8, masked CRC32C of these
/// 24 bytes 4, masked CRC32C of key and value 4), key and value; a footer of 32 bytes (magic 4, number of records 8,
/// expiration range 16, masked CRC32C of these 28 bytes 4). See RocksDB's `db/blob/blob_log_format.h`.
package enum BlobFile {
  private static let magic: UInt32 = 2_395_959
  private static let version: UInt32 = 1
  private static let headerSize: UInt64 = 30
  private static let recordHeaderSize: UInt64 = 32
  private static let footerSize: UInt64 = 32

  /// Reads all of the file and compares every checksum.
  ///
  /// - Throws: `.corrupt`, `.unsupported` or `.io`.
  package static func verify(_ path: FilePath) throws(RocksDirectoryError) {
    let file = try MetadataFile(path)
    guard file.size >= headerSize + footerSize else {
      throw .corrupt(file: path, offset: 0, reason: "it is too short for a blob file")
    }
    let header = try read(file, at: 0, headerSize)
    guard number(header, at: 0, bytes: 4) == UInt64(magic) else {
      throw .corrupt(file: path, offset: 0, reason: "it does not begin as a blob file does")
    }
    guard number(header, at: 4, bytes: 4) == UInt64(version) else {
      throw .unsupported(
        file: path, offset: 4, reason: "the version of the blob file is not known")
    }
    let end = file.size - footerSize
    let records = try verifyRecords(of: file, from: headerSize, to: end)
    let footer = try read(file, at: end, footerSize)
    guard number(footer, at: 0, bytes: 4) == UInt64(magic),
      number(footer, at: 28, bytes: 4) == UInt64(CRC32C.masked(CRC32C.checksum(footer[..<28]))),
      number(footer, at: 4, bytes: 8) == records
    else {
      throw .corrupt(
        file: path, offset: end, reason: "its end is not that of a file with \(records) records")
    }
  }

  /// - Returns: how many there are.
  private static func verifyRecords(
    of file: borrowing MetadataFile, from start: UInt64, to end: UInt64
  ) throws(RocksDirectoryError) -> UInt64 {
    var (position, records) = (start, UInt64(0))
    while position < end {
      guard end - position >= recordHeaderSize else {
        throw .corrupt(file: file.path, offset: position, reason: "a record is cut short")
      }
      let header = try read(file, at: position, recordHeaderSize)
      guard
        number(header, at: 24, bytes: 4) == UInt64(CRC32C.masked(CRC32C.checksum(header[..<24])))
      else {
        throw .corrupt(
          file: file.path, offset: position,
          reason: "the checksum of a record's header does not match")
      }
      let (key, value) = (number(header, at: 0, bytes: 8), number(header, at: 8, bytes: 8))
      let rest = end - position - recordHeaderSize
      guard key <= rest, value <= rest - key else {
        throw .corrupt(file: file.path, offset: position, reason: "a record crosses the end")
      }
      let checksum = try checksum(of: file, at: position + recordHeaderSize, key + value)
      guard number(header, at: 28, bytes: 4) == UInt64(CRC32C.masked(checksum)) else {
        throw .corrupt(
          file: file.path, offset: position, reason: "the checksum of a record does not match")
      }
      position += recordHeaderSize + key + value
      records += 1
    }
    return records
  }

  private static func checksum(
    of file: borrowing MetadataFile, at offset: UInt64, _ count: UInt64
  ) throws(RocksDirectoryError) -> UInt32 {
    var (checksum, done) = (UInt32(0), UInt64(0))
    while done < count {
      let piece = try read(file, at: offset + done, min(count - done, 1 << 20))
      checksum = CRC32C.checksum(piece[...], after: checksum)
      done += UInt64(piece.count)
    }
    return checksum
  }

  private static func read(
    _ file: borrowing MetadataFile, at offset: UInt64, _ count: UInt64
  ) throws(RocksDirectoryError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(count))
    guard try file.read(at: offset, into: &bytes) == bytes.count else {
      throw .io(file: file.path, .ioError)
    }
    return bytes
  }

  private static func number(_ bytes: [UInt8], at index: Int, bytes count: Int) -> UInt64 {
    bytes[index..<index + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
