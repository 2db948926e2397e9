// SPDX-License-Identifier: Apache-2.0
import CFuse
import Glibc
import SystemPackage
import TestSupport
import Testing

extension MountedTests {
  @Suite struct Attributes {
    @Test("stat shows what the file system says, to the nanosecond")
    func status() throws {
      try withMountedDaemon { daemon throws in
        let status = try daemon.mountPoint.appending("big").status()
        #expect(status.inode.rawValue == 2)
        #expect(status.mode.rawValue == 0o100444)
        #expect(status.linkCount == 2)
        #expect(status.userID.rawValue == 12)
        #expect(status.groupID.rawValue == 34)
        #expect(status.size == daemon.bigContent.count)
        #expect(status.blocksAllocated == Int64(daemon.bigContent.count + 511) / 512)
        #expect(status.preferredIOBlockSize == 4096)
        for time in [status.st_atim, status.st_mtim, status.st_ctim] {
          #expect(time.tv_sec == 1_700_000_000)
          #expect(time.tv_nsec == 123_456_789)
        }
        #expect(try daemon.mountPoint.status().mode.rawValue == 0o040555)
        #expect(try daemon.mountPoint.status().inode.rawValue == 1)
      }
    }

    @Test("Two names of a node are one inode with two links")
    func hardLinks() throws {
      try withMountedDaemon { daemon throws in
        let first = try daemon.mountPoint.appending("big").status()
        let second = try daemon.mountPoint.appending("big-link").status()
        #expect(first.inode.rawValue == second.inode.rawValue)
        #expect(second.linkCount == 2)
      }
    }

    @Test("Inode numbers have 64 bits")
    func wideNumbers() throws {
      try withMountedDaemon { daemon throws in
        let status = try daemon.mountPoint.appending("live/old").status()
        #expect(status.inode.rawValue == 0xfedc_ba98_7654_3210)
      }
    }

    @Test("A symbolic link leads to its target")
    func symbolicLinks() throws {
      try withMountedDaemon { daemon throws in
        var target = [CChar](repeating: 0, count: 100)
        let count = unsafe daemon.mountPoint.appending("link").withPlatformString {
          unsafe readlink($0, &target, target.count)
        }
        #expect(target[..<count].map { UInt8(bitPattern: $0) } == Array("small".utf8))
        let file = try FileDescriptor.open(daemon.mountPoint.appending("link"), .readOnly)
        defer { try? file.close() }
        #expect(try read(file, at: 0, count: 5) == Array("small".utf8))
      }
    }

    @Test("statfs shows what the file system says")
    func statistics() throws {
      try withMountedDaemon { daemon throws in
        var status = statvfs()
        #expect(
          daemon.mountPoint.error(of: { unsafe statvfs($0, &status) }) == nil)
        #expect(status.f_bsize == 4096)
        #expect(status.f_blocks == 1000)
        #expect(status.f_bfree == 500)
        #expect(status.f_bavail == 400)
        #expect(status.f_files == 5010)
        #expect(status.f_ffree == 7)
        #expect(status.f_namemax == 255)
      }
    }

    @Test("A missing name is ENOENT, and remembered only where the file system said so")
    func missingNames() throws {
      try withMountedDaemon { daemon throws in
        func lookups(of path: String) throws -> Int {
          let path = daemon.mountPoint.appending(path)
          #expect(throws: Errno.noSuchFileOrDirectory) { try path.status() }
          let before = try daemon.counts().lookups
          #expect(throws: Errno.noSuchFileOrDirectory) { try path.status() }
          #expect(throws: Errno.noSuchFileOrDirectory) { try path.status() }
          return try daemon.counts().lookups - before
        }
        #expect(try lookups(of: "live/missing") == 0)
        #expect(try lookups(of: "missing") == 2)
      }
    }

    @Test("What libfuse logs reaches the caller, with its level and formatted")
    func log() throws {
      try withMountedDaemon(options: ["ro", "debug"]) { daemon throws in
        _ = try daemon.mountPoint.appending("small").status()
        _ = try daemon.counts()
        #expect(daemon.log.contains { $0.hasPrefix("debug INIT: 7.") }, "\(daemon.log)")
        #expect(daemon.log.contains { $0.contains("opcode: LOOKUP (1)") }, "\(daemon.log)")
      }
    }

    @Test("Extended attributes are read, sized and listed where they are offered")
    func extendedAttributes() throws {
      try withMountedDaemon(offersExtendedAttributes: true) { daemon throws in
        let big = daemon.mountPoint.appending("big")
        var value = [UInt8](repeating: 0, count: 64)
        func get(_ name: String, size: Int) -> Int {
          unsafe big.withPlatformString { path in
            unsafe value.withUnsafeMutableBytes {
              unsafe ExtendedAttributeCalls.get(path, name, size == 0 ? nil : $0.baseAddress, size)
            }
          }
        }
        #expect(get("user.test.node", size: 0) == 1)
        #expect(get("user.test.node", size: 64) == 1)
        #expect(value[0] == UInt8(ascii: "2"))
        #expect(get("user.none", size: 64) == -1)
        #expect(errno == ENODATA)
        var names = [CChar](repeating: 0, count: 64)
        func list(size: Int) -> Int {
          unsafe big.withPlatformString { unsafe ExtendedAttributeCalls.list($0, &names, size) }
        }
        #expect(list(size: 64) == 31)
        #expect(
          names[..<31].map { UInt8(bitPattern: $0) }
            == Array("user.test.node\0user.test.other\0".utf8))
        #expect(list(size: 0) == 31)
        #expect(list(size: 10) == -1)
        #expect(errno == ERANGE)
      }
    }

    @Test("Extended attributes that are not offered are not supported")
    func noExtendedAttributes() throws {
      try withMountedDaemon { daemon throws in
        let error = daemon.mountPoint.appending("big").error { path in
          unsafe Int32(ExtendedAttributeCalls.get(path, "user.test.node", nil, 0))
        }
        #expect(error == .notSupported)
      }
    }
  }
}
