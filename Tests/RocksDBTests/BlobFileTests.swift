// SPDX-License-Identifier: Apache-2.0
import RocksDB
import SystemPackage
import Testing

@Suite struct BlobFileTests {
  private let scratch: ScratchDirectory
  private let path: FilePath
  private let sound: [UInt8]

  init() throws {
    scratch = try ScratchDirectory()
    do {
      var options = DatabaseOptions()
      options.minimumBlobSize = 10
      let database = try Database(scratch("db"), options: options)
      for key in 0..<4 {
        try database.put([UInt8(key)], [UInt8](repeating: UInt8(key), count: 20 + key))
      }
      try database.flush()
    }
    let name = try #require(try sizes(in: scratch("db")).keys.first { $0.hasSuffix(".blob") })
    sound = try contents(of: scratch("db").appending(name))
    path = scratch("file.blob")
  }

  @Test("a blob file as RocksDB wrote it is sound")
  func untouched() throws {
    try write(sound, to: path)
    try BlobFile.verify(path)
  }

  @Test("a flipped bit is found wherever a checksum covers it")
  func flipped() throws {
    // Nothing covers the header beyond its version.
    let covered = Array(0..<8) + Array(30..<sound.count)
    for index in covered {
      var bytes = sound
      bytes[index] ^= 0x40
      try write(bytes, to: path)
      #expect(throws: RocksDirectoryError.self, "byte \(index)") { try BlobFile.verify(path) }
    }
  }

  @Test("a file that was cut off anywhere, or goes on, is not sound")
  func cutOff() throws {
    for length in 0..<sound.count {
      try write(Array(sound.prefix(length)), to: path)
      #expect(throws: RocksDirectoryError.self, "\(length) bytes") { try BlobFile.verify(path) }
    }
    try write(sound + [0], to: path)
    #expect(throws: RocksDirectoryError.self) { try BlobFile.verify(path) }
  }

  @Test("a later version is told from damage")
  func laterVersion() throws {
    var bytes = sound
    bytes[4] = 2
    try write(bytes, to: path)
    do {
      try BlobFile.verify(path)
      Issue.record("it was taken for sound")
    } catch {
      guard case .unsupported = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
