// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing

extension MountedTests {
  @Suite struct Refusing {
    @Test(
      "Whatever writes gets EROFS, from the kernel or, not mounted \"ro\", from the session",
      arguments: [["ro"], [], ["default_permissions"]])
    func writes(options: [String]) throws {
      try withMountedDaemon(options: options) { daemon throws in
        for attempt in WriteAttempt.allCases {
          if options == ["default_permissions"], attempt == .accessForWriting {
            // The kernel answers from the mode, and lets root.
            continue
          }
          #expect(attempt.error(in: daemon.mountPoint) == .readOnlyFileSystem, "\(attempt)")
        }
        #expect(try daemon.counts().openHandles == 0)
      }
    }
  }
}
