// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage
import TestSupport
import Testing

extension MountedTests {
  @Suite struct Invalidating {
    @Test("A dropped name is gone at once, and what is open stays readable")
    func disappears() throws {
      try withMountedDaemon { daemon throws in
        let directory = daemon.mountPoint.appending("live")
        let old = directory.appending("old")
        #expect(try DirectoryListing.names(in: directory) == [".", "..", "old"])
        let file = try FileDescriptor.open(old, .readOnly)
        defer { try? file.close() }
        #expect(try daemon.command("set old absent") == "done")
        #expect(throws: Errno.noSuchFileOrDirectory) { try old.status() }
        #expect(try DirectoryListing.names(in: directory) == [".", ".."])
        #expect(try read(file, at: 0, count: 5) == Array("small".utf8))
      }
    }

    @Test("A new name appears at once, though the kernel remembers that it was not there")
    func appears() throws {
      try withMountedDaemon { daemon throws in
        let directory = daemon.mountPoint.appending("live")
        let new = directory.appending("new")
        #expect(throws: Errno.noSuchFileOrDirectory) { try new.status() }
        #expect(try DirectoryListing.names(in: directory) == [".", "..", "old"])
        #expect(try daemon.command("set new present") == "done")
        #expect(try new.status().size == 30)
        #expect(try DirectoryListing.names(in: directory) == [".", "..", "new", "old"])
      }
    }

    @Test(
      "One message has all names asked for again: a stat by any of them shows the new link count")
    func expires() throws {
      try withMountedDaemon { daemon throws in
        let names = ["big", "big-link"].map { daemon.mountPoint.appending($0) }
        #expect(try names.map { try $0.status().linkCount } == [2, 2])
        let lookups = try daemon.counts().lookups
        #expect(try names.map { try $0.status().linkCount } == [2, 2])
        #expect(try daemon.counts().lookups == lookups)
        #expect(try daemon.command("count 7") == "done")
        #expect(try names.map { try $0.status().linkCount } == [7, 7])
        #expect(try daemon.counts().lookups == lookups + 2)
        let listing = try Tool.run(["ls", "-ln", daemon.mountPoint.string])
        #expect(listing.output.contains("-r--r--r-- 7 12 34"))
        #expect(try daemon.command("count 8") == "done")
        let again = try Tool.run(["ls", "-ln", daemon.mountPoint.string])
        #expect(again.output.contains("-r--r--r-- 8 12 34"))
      }
    }
  }
}
