import LinuxFiles
// SPDX-License-Identifier: Apache-2.0
import RocksDB
package import SystemPackage

/// Gives what a fuzzer made up the checksums that a log needs: else nothing would be read but the first record.
package enum LogSealing {
  /// `bytes` with the checksum of each physical record that is whole made right; sound logs stay as they are.
  package static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var position = 0
    while position + 7 <= bytes.count {
      let rest = LogReader.blockSize - position % LogReader.blockSize
      if rest < 7 {
        position += rest
        continue
      }
      let length = Int(bytes[position + 4]) | Int(bytes[position + 5]) << 8
      let hasNumber = LogFragment.isRecyclable(type: bytes[position + 6])
      let end = position + (hasNumber ? 11 : 7) + length
      guard end <= bytes.count, end - position <= rest else { break }
      let checksum = CRC32C.masked(CRC32C.checksum(bytes[position + 6..<end]))
      for byte in 0..<4 {
        bytes[position + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte)))
      }
      position = end
    }
    return bytes
  }

  /// `bytes` as a blob file of RocksDB: with its beginning, with the checksums of all records that are whole, and with an end that
  /// counts them; sound blob files stay as they are.
  package static func sealedBlobFile(_ bytes: [UInt8]) -> [UInt8] {
    let (header, recordHeader, footer) = (30, 32, 32)
    guard bytes.count >= header + footer else { return bytes }
    var bytes = bytes
    let end = bytes.count - footer
    put(0x248f37, 4, at: 0, in: &bytes)
    put(1, 4, at: 4, in: &bytes)
    var (position, records) = (header, UInt64(0))
    while end - position >= recordHeader {
      let lengths = [number(bytes, at: position), number(bytes, at: position + 8)]
      let rest = UInt64(end - position - recordHeader)
      let body = position + recordHeader
      if lengths[0] <= rest, lengths[1] <= rest - lengths[0] {
        let next = body + Int(lengths[0] + lengths[1])
        putChecksum(of: body..<next, at: position + 28, in: &bytes)
        putChecksum(of: position..<position + 24, at: position + 24, in: &bytes)
        position = next
      } else {
        putChecksum(of: position..<position + 24, at: position + 24, in: &bytes)
        break
      }
      records += 1
    }
    put(0x248f37, 4, at: end, in: &bytes)
    put(records, 8, at: end + 4, in: &bytes)
    putChecksum(of: end..<end + 28, at: end + 28, in: &bytes)
    return bytes
  }

  private static func number(_ bytes: [UInt8], at index: Int) -> UInt64 {
    bytes[index..<index + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func put(_ value: UInt64, _ count: Int, at index: Int, in bytes: inout [UInt8]) {
    for byte in 0..<count {
      bytes[index + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
    }
  }

  private static func putChecksum(of range: Range<Int>, at index: Int, in bytes: inout [UInt8]) {
    put(UInt64(CRC32C.masked(CRC32C.checksum(bytes[range]))), 4, at: index, in: &bytes)
  }

  /// A directory of this process alone, in memory where that is possible.
  package static func scratch(_ name: String) throws -> FilePath {
    let parent: FilePath = try FileSystemCalls.exists("/dev/shm") ? "/dev/shm" : "/tmp"
    let path = parent.appending("ckptfs-\(name)-\(UInt32.random(in: 0 ... .max))")
    try FileSystemCalls.makeDirectory(path)
    return path
  }

  /// Makes `file` hold `bytes` and nothing else.
  package static func write(_ bytes: [UInt8], to file: FilePath) throws {
    try FileSystemCalls.write(file, options: [.create, .truncate]) {
      try $0.write(all: bytes[...], path: file)
    }
  }
}
