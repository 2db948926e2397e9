// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

@testable import RocksDB

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

@Suite struct HostileManifestTests {
  static let fixtures = ["rocksdb-9.8/format-6/cp-5", "rocksdb-9.8/format-5/cp-0"]

  private func copy(_ fixture: String) throws -> (ScratchDirectory, FilePath, [UInt8]) {
    let scratch = try ScratchDirectory()
    let directory = try LaterVersionTests.directory(fixture)
    let name = try CurrentFile(in: directory).manifestName
    let bytes = try contents(of: directory.appending(name))
    try write(contents(of: directory.appending("CURRENT")), to: scratch("CURRENT"))
    try write(bytes, to: scratch(name))
    return (scratch, scratch(name), bytes)
  }

  /// Nil when it is refused.
  private func describe(_ scratch: ScratchDirectory) throws -> DatabaseDescription? {
    do {
      return try DatabaseDirectory.describe(scratch.path)
    } catch RocksDirectoryError.corrupt {
      return nil
    } catch RocksDirectoryError.unsupported {
      return nil
    }
  }

  @Test("a MANIFEST cut at any byte is refused or says that its tail is cut", arguments: fixtures)
  func truncation(fixture: String) throws {
    let (scratch, path, bytes) = try copy(fixture)
    var ends: Set<UInt64> = []
    for size in (0..<UInt64(bytes.count)).reversed() {
      try truncate(path, to: size)
      guard let description = try describe(scratch) else { continue }
      #expect(description.manifestValidLength <= size)
      #expect(description.tailIsTruncated == (description.manifestValidLength < size))
      ends.insert(description.manifestValidLength)
    }
    #expect(ends.count > 1)
  }

  @Test("a flipped bit never goes unnoticed", arguments: fixtures)
  func bitFlips(fixture: String) throws {
    let (scratch, path, bytes) = try copy(fixture)
    let sound = try #require(try describe(scratch))
    var generator = SeededGenerator(state: 42)
    for _ in 0..<2000 {
      let bit = Int.random(in: 0..<bytes.count * 8, using: &generator)
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      try write(damaged, to: path)
      if let description = try describe(scratch) {
        #expect(description.tailIsTruncated, "bit \(bit): \(description == sound)")
      }
    }
  }

  @Test("a record with flipped bits and a right checksum never crashes", arguments: fixtures)
  func decoder(fixture: String) throws {
    let directory = try LaterVersionTests.directory(fixture)
    let path = directory.appending(try CurrentFile(in: directory).manifestName)
    var reader = LogReader(try MetadataFile(path), kind: .manifest)
    var generator = SeededGenerator(state: 7)
    var refused = 0
    while let record = try reader.next() {
      // A new MANIFEST begins with an edit that changes nothing.
      if record.bytes.isEmpty { continue }
      for round in 0..<300 {
        var damaged = record
        for _ in 0...round % 3 {
          let bit = Int.random(in: 0..<record.bytes.count * 8, using: &generator)
          damaged.bytes[bit / 8] ^= 1 << (bit % 8)
        }
        do {
          var state = VersionState()
          try state.append(try VersionEdit(decoding: damaged, of: path))
        } catch is RocksDirectoryError, is VersionState.Contradiction {
          refused += 1
        }
      }
      for count in 0..<record.bytes.count {
        let cut = LogRecord(offset: 0, bytes: Array(record.bytes.prefix(count)))
        do {
          _ = try VersionEdit(decoding: cut, of: path)
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > 0)
  }
}
