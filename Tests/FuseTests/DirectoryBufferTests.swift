// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

@testable import Fuse

@Suite struct DirectoryBufferTests {
  @Test("A buffer takes entries until it is full, and none by halves")
  func full() throws {
    var buffer = DirectoryBuffer(capacity: 100)
    // 24 bytes and the name, rounded up to 8.
    #expect(try append("a", to: &buffer))
    #expect(try append("12345678", to: &buffer))
    #expect(try append("123456789", to: &buffer) == false)
    #expect(try append("12345678", to: &buffer))
    #expect(try append("a", to: &buffer) == false)
    let count = buffer.entries.count
    #expect(count == 96)
  }

  @Test("A name that cannot be one is refused", arguments: ["", "a/b", "a\0b"])
  func badNames(name: String) {
    var buffer = DirectoryBuffer(capacity: 1000)
    #expect(throws: Errno.invalidArgument) { try append(name, to: &buffer) }
    let count = buffer.entries.count
    #expect(count == 0)
  }

  @Test("A name may have 255 bytes and no more")
  func longNames() throws {
    var buffer = DirectoryBuffer(capacity: 1000)
    #expect(try append(String(repeating: "x", count: 255), to: &buffer))
    #expect(throws: Errno.fileNameTooLong) {
      try append(String(repeating: "x", count: 256), to: &buffer)
    }
  }

  private func append(_ name: String, to buffer: inout DirectoryBuffer) throws(Errno) -> Bool {
    try buffer.append(
      name: Array(name.utf8), node: .root, type: .regular, nextOffset: DirectoryOffset(rawValue: 1))
  }
}
