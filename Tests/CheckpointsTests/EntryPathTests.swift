// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct EntryPathTests {
  @Test(
    "a path that leaves the tree, is absolute or cannot be a name is refused (P10)",
    arguments: [
      "", "/", "/etc/passwd", "..", "../x", "a/..", "a/../b", ".", "./a", "a/.", "a//b", "a/",
      "a\0b", String(repeating: "n", count: 256), String(repeating: "a/", count: 2100) + "a",
    ])
  func refuses(_ text: String) {
    #expect(throws: InvalidPath.self) { try EntryPath(text) }
  }

  @Test(
    "any other bytes are a path",
    arguments: [[0xff, 0xfe], [0x0a], [0x20], Array("...".utf8), Array("a/b c/\u{1F600}".utf8)])
  func accepts(_ bytes: [UInt8]) throws {
    #expect(try EntryPath(bytes: bytes).bytes == bytes)
  }

  @Test("a path tells its directory and its name")
  func parts() throws {
    let path = try EntryPath("a/b/000012.sst")
    #expect(path.parent == (try EntryPath("a/b")))
    #expect(Array(path.name) == Array("000012.sst".utf8))
    #expect(try EntryPath("CURRENT").parent == nil)
    #expect(try EntryPath(name: Array("c".utf8), in: EntryPath("a/b")) == EntryPath("a/b/c"))
  }

  @Test(
    "a path is shown to people so that no two look the same and no terminal obeys one",
    arguments: [
      ("sub/é ü.txt", "sub/é ü.txt"), (" a ", "%20a%20"), ("a%ff", "a%25ff"),
      ("r\n\u{1B}[31m", "r%0a%1b[31m"), ("\u{202E}x", "%e2%80%aex"), ("\u{9B}", "%c2%9b"),
      ("a\u{A0}b", "a%c2%a0b"),
    ])
  func description(_ text: String, _ shown: String) throws {
    #expect(try EntryPath(text).description == shown)
    #expect(try EntryPath(bytes: Array(text.utf8) + [0xff]).description.hasSuffix("%ff"))
  }
}
