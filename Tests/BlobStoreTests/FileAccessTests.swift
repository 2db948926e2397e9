// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Checkpoints
import Testing

struct FileAccessTests {
  @Test(
    "owner, group and mode decide who reads, in this order; root always does",
    arguments: [
      (7, 8, 0o400, true), (7, 8, 0o044, false), (6, 8, 0o040, true), (6, 8, 0o404, false),
      (6, 9, 0o004, true), (6, 9, 0o440, false), (0, 0, 0o000, true),
    ] as [(UInt32, UInt32, UInt16, Bool)])
  func reading(_ user: UInt32, _ group: UInt32, _ permissions: UInt16, _ isAllowed: Bool) {
    let access = FileAccess(owner: Ownership(user: 7, group: 8), permissions: permissions)
    #expect(access.allowsReading(by: Ownership(user: user, group: group)) == isAllowed)
  }

  @Test("it is told as ls and chmod have it")
  func description() {
    let access = FileAccess(owner: Ownership(user: 7, group: 8), permissions: 0o40)
    #expect(access.description == "7:8 with mode 0040")
  }
}
