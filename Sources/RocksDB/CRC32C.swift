// SPDX-License-Identifier: Apache-2.0

/// The Castagnoli CRC that RocksDB stores, masked, before each log record.
package enum CRC32C {
  /// Eight tables of 256, so that eight bytes are folded at a time: a MANIFEST may have 100 MB.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let previous = tables[index - 256]
      tables[index] = (previous >> 8) ^ tables[Int(previous & 0xFF)]
    }
    return tables
  }()

  /// - Parameter before: the checksum of what comes before `bytes`.
  package static func checksum(_ bytes: ArraySlice<UInt8>, after before: UInt32 = 0) -> UInt32 {
    let tables = Self.tables
    var crc = ~before
    var index = bytes.startIndex
    while bytes.endIndex - index >= 8 {
      let low = crc ^ littleEndian(bytes, at: index)
      let high = littleEndian(bytes, at: index + 4)
      let a = tables[7 << 8 | Int(low & 0xFF)] ^ tables[6 << 8 | Int(low >> 8 & 0xFF)]
      let b = tables[5 << 8 | Int(low >> 16 & 0xFF)] ^ tables[4 << 8 | Int(low >> 24)]
      let c = tables[3 << 8 | Int(high & 0xFF)] ^ tables[2 << 8 | Int(high >> 8 & 0xFF)]
      let d = tables[1 << 8 | Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
      crc = a ^ b ^ c ^ d
      index += 8
    }
    while index < bytes.endIndex {
      crc = (crc >> 8) ^ tables[Int((crc ^ UInt32(bytes[index])) & 0xFF)]
      index += 1
    }
    return ~crc
  }

  /// The checksum as stored: rotated and offset, so that a CRC of bytes that hold CRCs is no
  /// fixed point.
  package static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  private static func littleEndian(_ bytes: ArraySlice<UInt8>, at index: Int) -> UInt32 {
    UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
      | UInt32(bytes[index + 3]) << 24
  }
}
