// SPDX-License-Identifier: Apache-2.0

import FlinkWriting
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkMetadata

@Suite struct HostileMetadataTests {
  /// The smallest of each kind, so that every byte can be tried.
  static let small = [
    ("flink-2.3.0-changelog", "chk-1"), ("flink-2.3.0-changelog", "chk-3"),
    ("flink-2.3.0-incremental", "canonical"), ("flink-2.3.0-filemerging-across-true", "native"),
    ("flink-1.20.5-operator-state", "chk-1"),
  ]

  private func bytes(_ sample: String, _ part: String) throws -> [UInt8] {
    let sample = Sample(name: sample)
    let checkpoint = try #require(try sample.checkpoints().first { $0.contains(part) })
    return try sample.metadata(of: checkpoint)
  }

  /// `nil` when it is refused.
  private func flaw(in bytes: [UInt8]) -> MetadataError? {
    do throws(MetadataError) {
      _ = try CheckpointMetadata(reading: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test("a file that is cut short anywhere is refused as such", arguments: small)
  func truncation(sample: String, part: String) throws {
    let bytes = try bytes(sample, part)
    for length in 0..<bytes.count {
      let error = try #require(flaw(in: Array(bytes.prefix(length))), "\(length) bytes")
      guard case .truncated = error.flaw else {
        Issue.record("\(length) bytes: \(error)")
        return
      }
      #expect(error.offset <= UInt64(length))
    }
  }

  @Test("a version 3 file that is cut short is refused, too")
  func truncationWithoutTrailer() throws {
    let bytes = try bytes("flink-1.14.6-inline", "chk-1")
    // Most of it is inline state; primes reach every kind of field without trying each byte of that.
    for length in stride(from: 0, to: bytes.count, by: 13) {
      #expect(flaw(in: Array(bytes.prefix(length))) != nil, "\(length) bytes")
    }
    for length in bytes.count - 200..<bytes.count {
      #expect(flaw(in: Array(bytes.prefix(length))) != nil, "\(length) bytes")
    }
  }

  @Test("flipped bits neither crash nor hang, and errors stay within the file", arguments: small)
  func flippedBits(sample: String, part: String) throws {
    let bytes = try bytes(sample, part)
    for index in bytes.indices {
      for bit in 0..<8 where bytes.count < 2500 || bit == index % 8 {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        if let error = flaw(in: damaged) {
          #expect(error.offset <= UInt64(bytes.count), "byte \(index), bit \(bit)")
          #expect(!error.description.contains("\n"))
        }
      }
    }
  }

  @Test("a huge count is refused before anything is allocated for it")
  func hugeCounts() throws {
    let files = MetadataBuilder.keyed { builder in
      builder.byte(5)
      builder.long(4)
      builder.text("backend")
      builder.keyGroups(0, 1)
      builder.file("meta", size: 3)
      builder.int(.max)
    }
    guard case .truncated = flaw(in: files)?.flaw else {
      Issue.record("not refused")
      return
    }
    let groups = MetadataBuilder.keyed { builder in
      builder.byte(3)
      builder.keyGroups(0, .max)
    }
    #expect(flaw(in: groups) != nil)
    let inline = MetadataBuilder.keyed { builder in
      builder.byte(3)
      builder.keyGroups(0, 0)
      builder.byte(1)
      builder.text("inline")
      builder.int(.max)
    }
    #expect(flaw(in: inline) != nil)
  }

  @Test("handles within handles end somewhere")
  func nesting() throws {
    let bytes = MetadataBuilder.keyed { builder in
      for _ in 0..<10_000 {
        builder.byte(8)
        builder.keyGroups(0, 1)
        builder.long(0)
        builder.int(1)
      }
    }
    guard case .malformed(let expected, _) = flaw(in: bytes)?.flaw else {
      Issue.record("not refused")
      return
    }
    #expect(expected == "at most 8 handles within one another")
  }

  @Test("values that fill the memory are refused")
  func manyHandles() throws {
    let count = 3_000_000
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(8)
      builder.keyGroups(0, 1)
      builder.long(0)
      builder.int(Int32(count))
      builder.raw([UInt8](repeating: 0, count: count))
    }
    guard case .tooLarge = flaw(in: bytes)?.flaw else {
      Issue.record("not refused")
      return
    }
  }

  @Test("an error names the byte, what was expected and what is there")
  func message() throws {
    var builder = MetadataBuilder(version: 3)
    builder.int(1)
    builder.operatorHeader(version: 3, parallelism: 200, maximum: 128)
    builder.raw([UInt8](repeating: 0, count: 8))
    let error = try #require(flaw(in: builder.bytes))
    #expect(
      error.description
        == "cannot read '_metadata': at byte 40: expected a parallelism of at most 128, found 200; "
        + "the file is damaged, restore it from a copy")
    #expect(error.offset == 40)
  }

  @Test("what is no checkpoint, or of an unknown version, is told from a damaged one")
  func otherFiles() throws {
    #expect(flaw(in: Array("PK\u{3}\u{4}…".utf8))?.flaw == .notMetadata)
    for version in [0, 1, 8, -1] as [Int32] {
      #expect(
        flaw(in: MetadataBuilder(version: version).bytes)?.flaw == .unsupportedVersion(version))
    }
  }

  @Test("bytes behind the end are refused")
  func excess() throws {
    #expect(flaw(in: try bytes("flink-1.14.6-inline", "chk-1") + [0]) != nil)
    #expect(flaw(in: try bytes("flink-2.3.0-changelog", "chk-1") + [0]) != nil)
  }

  @Test("properties of an unfamiliar kind are no error, missing ones are")
  func unfamiliarProperties() throws {
    var builder = MetadataBuilder(version: 4)
    builder.int(0)
    let unfamiliar = builder.bytes + [0xAC, 0xED, 0x00, 0x05, 0x76]
    #expect(flaw(in: unfamiliar) == nil)
    #expect(flaw(in: builder.bytes) != nil)
    #expect(flaw(in: builder.bytes + [0xAC, 0xED, 0x00, 0x06, 0x70]) != nil)
  }

  @Test("an operator or subtask that is told twice is refused")
  func repetition() throws {
    var operators = MetadataBuilder(version: 3)
    operators.int(2)
    for _ in 0..<2 {
      operators.operatorHeader(version: 3)
      operators.byte(0)
      operators.int(0)
    }
    #expect(flaw(in: operators.bytes)?.offset == 53)
    var subtasks = MetadataBuilder(version: 3)
    subtasks.int(1)
    subtasks.operatorHeader(version: 3)
    subtasks.byte(0)
    subtasks.int(2)
    subtasks.int(-1)
    subtasks.int(-1)
    #expect(flaw(in: subtasks.bytes)?.offset == 57)
  }

  @Test(
    "a file of RocksDB has a name that a directory can hold, once",
    arguments: ["", ".", "..", "../../etc/passwd", "a/b", "nul\u{0}", "CURRENT"])
  func fileNames(name: String) throws {
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(5)
      builder.long(4)
      builder.text("backend")
      builder.keyGroups(0, 1)
      builder.file("meta", size: 3)
      builder.int(1)
      builder.text("CURRENT")
      builder.file("current", size: 3)
      builder.int(1)
      builder.text(name)
      builder.file("other", size: 3)
    }
    guard case .malformed = flaw(in: bytes)?.flaw else {
      Issue.record("not refused")
      return
    }
  }

  @Test("a link or a directory is no metadata")
  func specialFiles() throws {
    let scratch = try ScratchDirectory()
    let link = scratch.path.appending("_metadata")
    try FileSystemCalls.makeSymbolicLink(link, to: "/etc/passwd")
    #expect(throws: MetadataError.self) { try MetadataFile(link) }
    #expect(throws: MetadataError.self) { try MetadataFile(scratch.path) }
  }
}
