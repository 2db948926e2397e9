// SPDX-License-Identifier: Apache-2.0
import Foundation
import RocksDB
import SystemPackage
import Testing

@Suite struct CurrentFileTests {
  @Test("CURRENT names the MANIFEST")
  func valid() throws {
    let scratch = try ScratchDirectory()
    try write(Array("MANIFEST-000005\n".utf8), to: scratch("CURRENT"))
    #expect(try CurrentFile(in: scratch.path).manifestName == "MANIFEST-000005")
    try write(Array("MANIFEST-1234567\n".utf8), to: scratch("CURRENT"))
    #expect(try CurrentFile(in: scratch.path).manifest.rawValue == 1_234_567)
  }

  @Test(
    "a CURRENT that holds anything else is corrupt",
    arguments: [
      "", "\n", "MANIFEST-000005", "MANIFEST-000005\n\n", "MANIFEST-\n", "MANIFEST-5\n",
      "MANIFEST-0000005\n", "../MANIFEST-000005\n", "MANIFEST-000005/x\n", "MANIFEST-00000a\n",
      "MANIFEST-99999999999999999999\n", "MANIFEST-000005 \n", "manifest-000005\n",
      String(repeating: "M", count: 5000) + "\n",
    ])
  func invalid(content: String) throws {
    let scratch = try ScratchDirectory()
    try write(Array(content.utf8), to: scratch("CURRENT"))
    #expect {
      try CurrentFile(in: scratch.path)
    } throws: {
      guard case RocksDirectoryError.corrupt(let file, 0, _) = $0 else { return false }
      return file == scratch("CURRENT")
    }
  }

  @Test("a directory without CURRENT is no database")
  func absent() throws {
    let scratch = try ScratchDirectory()
    #expect(throws: RocksDirectoryError.notADatabase(scratch.path)) {
      try DatabaseDirectory.describe(scratch.path)
    }
  }

  @Test("a MANIFEST that is absent is told by its name")
  func manifestAbsent() throws {
    let scratch = try ScratchDirectory()
    try write(Array("MANIFEST-000005\n".utf8), to: scratch("CURRENT"))
    #expect(
      throws: RocksDirectoryError.io(file: scratch("MANIFEST-000005"), .noSuchFileOrDirectory)
    ) { try DatabaseDirectory.describe(scratch.path) }
  }

  @Test("a link or a pipe instead of CURRENT is refused and not waited for")
  func notRegular() throws {
    let scratch = try ScratchDirectory()
    try FileManager.default.createSymbolicLink(
      atPath: scratch("CURRENT").string, withDestinationPath: "elsewhere")
    #expect(
      throws: RocksDirectoryError.io(file: scratch("CURRENT"), .tooManySymbolicLinkLevels)
    ) { try CurrentFile(in: scratch.path) }
    try FileManager.default.removeItem(atPath: scratch("CURRENT").string)
    #expect(unsafe mkfifo(scratch("CURRENT").string, 0o600) == 0)
    #expect(
      throws: RocksDirectoryError.corrupt(
        file: scratch("CURRENT"), offset: 0, reason: "it is not a regular file")
    ) { try CurrentFile(in: scratch.path) }
  }
}
