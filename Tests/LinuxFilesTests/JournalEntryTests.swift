// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import Testing

@Suite("Entries of the journal")
struct JournalEntryTests {
  @Test("A field is a line with its name and value")
  func lines() {
    var entry = JournalEntry("it = broken", .error)
    entry.add("CKPTFS_CHECKPOINT", "orders/chk-1")
    entry.add("CKPTFS_CHECKPOINT", "orders/chk-2")
    #expect(
      String(decoding: entry.bytes, as: UTF8.self) == """
        MESSAGE=it = broken
        PRIORITY=3
        CKPTFS_CHECKPOINT=orders/chk-1
        CKPTFS_CHECKPOINT=orders/chk-2

        """)
  }

  @Test("A value of several lines has its length before it, in eight bytes, the least first")
  func severalLines() {
    let entry = JournalEntry("a\n=b", .information)
    #expect(
      entry.bytes == Array("MESSAGE\n".utf8) + [4, 0, 0, 0, 0, 0, 0, 0]
        + Array("a\n=b\nPRIORITY=6\n".utf8))
    let long = JournalEntry(String(repeating: "\n", count: 0x1_0203), .debug)
    #expect(long.bytes.dropFirst(8).prefix(8) == [3, 2, 1, 0, 0, 0, 0, 0])
  }

  @Test("A name that the journal would refuse is a mistake of ours")
  func names() async {
    await #expect(processExitsWith: .failure) {
      var entry = JournalEntry("m", .error)
      entry.add("_PID", "1")
    }
    await #expect(processExitsWith: .failure) {
      var entry = JournalEntry("m", .error)
      entry.add("lower", "1")
    }
  }

  @Test(
    "Only what $JOURNAL_STREAM names leads to the journal",
    arguments: [nil, "", ":", "0:0", "1", "a:b", "1:2:3"] as [String?])
  func otherStreams(variable: String?) {
    #expect(!Journal.receives(.standardError, variable))
  }

  @Test("A journal that is not there is an error")
  func absent() throws {
    let journal = Journal(at: "/nowhere/socket")
    let error = #expect(throws: FileError.self) { try journal.send(JournalEntry("m", .error)) }
    #expect(error?.errno == .noSuchFileOrDirectory)
  }
}
