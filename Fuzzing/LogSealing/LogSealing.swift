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
